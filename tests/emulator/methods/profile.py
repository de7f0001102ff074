"""The bot about itself: getMe, commands, descriptions."""

import re

from tests.emulator.errors import bad_request
from tests.emulator.params import Params
from tests.emulator.state import Json
from tests.emulator.world import World

SCOPES = frozenset(
    (
        "default",
        "all_private_chats",
        "all_group_chats",
        "all_chat_administrators",
        "chat",
        "chat_administrators",
        "chat_member",
    )
)
_COMMAND = re.compile(r"/?[a-z0-9_]{1,32}\Z")


def get_me(world: World, params: Params) -> Json:
    return world.bot.wire | {
        "can_join_groups": True,
        "can_read_all_group_messages": world.reads_all_messages,
        "supports_inline_queries": False,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_my_commands(world: World, params: Params) -> bool:
    commands = params.structure("commands", "commands")
    if not isinstance(commands, list):
        bad_request("expected an Array of BotCommand")
    if len(commands) > 100:
        bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not isinstance(command, dict) or not _COMMAND.match(str(command.get("command", "")).lower()):
            bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(str(command.get("description", "")).strip()) <= 256:
            bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    _check_scope(world, params)
    world.commands[_key(params)] = commands
    return True


def get_my_commands(world: World, params: Params) -> object:
    return world.commands.get(_key(params), [])


def delete_my_commands(world: World, params: Params) -> bool:
    world.commands.pop(_key(params), None)
    return True


def _check_scope(world: World, params: Params) -> None:
    """A chat of the scope must be known to the bot; a language is two letters."""
    scope = params.structure("scope", "BotCommandScope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in SCOPES:
        bad_request("unsupported type specified")
    if str(scope["type"]).startswith("chat"):
        world.chat_for(Params(scope).chat_id())
    if not re.fullmatch(r"([a-z]{2})?", params.text("language_code")):
        bad_request("invalid language code specified")


def _key(params: Params) -> str:
    return f"{params.text('language_code')} {params.structure('scope', 'BotCommandScope') or 'default'}"


METHODS = {
    "getMe": get_me,
    "setMyCommands": set_my_commands,
    "getMyCommands": get_my_commands,
    "deleteMyCommands": delete_my_commands,
}
