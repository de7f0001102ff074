"""Keyboards, checked as the real server checks them."""

from typing import Any, NoReturn

from tests.emulator.errors import bad_request
from tests.emulator.params import Params
from tests.emulator.state import Json

LONGEST_DATA = 64
MOST_BUTTONS = 100
ACTIONS = (
    "url",
    "callback_data",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "web_app",
    "copy_text",
    "pay",
)


def reply_markup(params: Params, *, inline_only: bool = False) -> Json | None:
    """The markup as it will stand on the message, or None; edits take inline keyboards only."""
    given = params.structure("reply_markup", "reply keyboard markup")
    if given is None:
        return None
    if not isinstance(given, dict):
        bad_request("object expected as reply markup")
    if inline_rows := given.get("inline_keyboard"):
        return {"inline_keyboard": [_inline_row(row) for row in _rows(inline_rows)]}
    if inline_only and ({"keyboard", "remove_keyboard", "force_reply"} & given.keys()):
        bad_request("inline keyboard expected")
    if rows := given.get("keyboard"):
        return given | {"keyboard": [[_text_button(button) for button in row] for row in _plain_rows(rows)]}
    return given if given.get("remove_keyboard") or given.get("force_reply") else None


def _rows(rows: object) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        bad_request('field "inline_keyboard" of the InlineKeyboardMarkup must be an Array of Arrays')
    if sum(map(len, rows)) > MOST_BUTTONS:
        bad_request("reply markup is too long")
    return [row for row in rows if row]


def _plain_rows(rows: object) -> list[list[Any]]:
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        bad_request('field "keyboard" must be an Array of Arrays')
    return rows


def _inline_row(row: list[Any]) -> list[Json]:
    return [_inline_button(button) for button in row]


def _inline_button(button: object) -> Json:
    if not isinstance(button, dict):
        _cannot_parse("InlineKeyboardButton must be an Object")
    text = button.get("text")
    if text is None:
        _cannot_parse('Can\'t find field "text"')
    if not isinstance(text, str):
        _cannot_parse('Field "text" must be of type String')
    if not text.strip():
        bad_request("BUTTON_TEXT_INVALID")
    if all(button.get(action) is None or button.get(action) == "" for action in ACTIONS):
        _cannot_parse("Text buttons are unallowed in the inline keyboard")
    data = button.get("callback_data")
    if data is not None and len(str(data).encode()) > LONGEST_DATA:
        bad_request("BUTTON_DATA_INVALID")
    url = button.get("url")
    if url is not None and not str(url).startswith(("http://", "https://", "tg://")):
        bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")
    return {key: value for key, value in button.items() if value is not None}


def _text_button(button: object) -> Json:
    shape = {"text": button} if isinstance(button, str) else button
    if not isinstance(shape, dict) or not isinstance(shape.get("text"), str):
        bad_request("can't parse keyboard button: KeyboardButton must be a String or an Object")
    if not shape["text"].strip():
        bad_request("BUTTON_TEXT_INVALID")
    return shape


def _cannot_parse(reason: str) -> NoReturn:
    bad_request(f"can't parse inline keyboard button: {reason}")
