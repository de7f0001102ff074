"""Looking at chats and their members, chat actions, files to download."""

from tests.emulator.errors import bad_request
from tests.emulator.methods.places import place
from tests.emulator.params import Params
from tests.emulator.state import Chat, Json, User
from tests.emulator.world import ADMINISTRATOR_RIGHTS, World

ACTIONS = frozenset(
    (
        "cancel",
        "typing",
        "record_video",
        "upload_video",
        "record_audio",
        "record_voice",
        "upload_audio",
        "upload_voice",
        "upload_photo",
        "upload_document",
        "choose_sticker",
        "pick_up_location",
        "find_location",
        "record_video_note",
        "upload_video_note",
    )
)
GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


def get_chat(world: World, params: Params) -> Json:
    chat = world.chats.get(params.chat_id())
    if chat is None:
        bad_request("chat not found")
    return chat.wire | {
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(GIFTS, True),
    }


def get_chat_member(world: World, params: Params) -> Json:
    chat = world.chat_for(params.chat_id())
    user_id = params.integer("user_id")
    if user_id == world.bot.id:
        return world.bot_member(chat)
    user = chat.user if chat.user is not None and chat.user.id == user_id else chat.members.get(user_id)
    if user is None:
        bad_request("PARTICIPANT_ID_INVALID" if chat.is_group else "user not found")
    return _member(chat, user)


def _member(chat: Chat, user: User) -> Json:
    if chat.owner is user:
        return {"user": user.wire, "status": "creator", "is_anonymous": False}
    if user.id in chat.anonymous:
        rights = dict.fromkeys(ADMINISTRATOR_RIGHTS, True)
        return {"user": user.wire, "status": "administrator", "can_be_edited": True, "is_anonymous": True} | rights
    return {"user": user.wire, "status": "left" if user.id in chat.left else "member"}


def send_chat_action(world: World, params: Params) -> bool:
    if params.text("action").lower() not in ACTIONS:
        bad_request("wrong parameter action in request")
    where = place(world, params)
    world.chat_actions.append((where.chat.id, params.text("action").lower()))
    return True


def get_file(world: World, params: Params) -> Json:
    stored = world.files.to_download(params.text("file_id"))
    return {
        "file_id": stored.file_id,
        "file_unique_id": stored.shape["file_unique_id"],
        "file_size": stored.declared_size,
        "file_path": stored.path,
    }


METHODS = {
    "getChat": get_chat,
    "getChatMember": get_chat_member,
    "sendChatAction": send_chat_action,
    "getFile": get_file,
}
