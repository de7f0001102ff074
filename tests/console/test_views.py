"""How values look to the staff: attachments by what they are, web addresses as links."""

import pytest

from console.views import form_of, parts_of
from desk.messages import Attachment, AttachmentKind


@pytest.mark.parametrize(
    ("kind", "media_type", "form"),
    [
        (AttachmentKind.PHOTO, None, "picture"),
        (AttachmentKind.ANIMATION, "image/gif", "picture"),
        (AttachmentKind.ANIMATION, None, "film"),
        (AttachmentKind.STICKER, "video/webm", "film"),
        (AttachmentKind.STICKER, "application/x-tgsticker", "file"),
        (AttachmentKind.VIDEO, "video/quicktime", "film"),
        (AttachmentKind.VOICE, None, "sound"),
        (AttachmentKind.DOCUMENT, "video/mp4", "file"),
    ],
)
def test_an_attachment_is_shown_as_what_it_is(kind: AttachmentKind, media_type: str | None, form: str) -> None:
    assert form_of(Attachment(kind=kind, file="local:key", media_type=media_type)) == form
    assert form_of(Attachment(kind=kind, media_type=media_type)) == "file"


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see https://a.example/b?c=d. Or http://e.example!", ["https://a.example/b?c=d", "http://e.example"]),
        ("见https://a.example/页，谢谢", ["https://a.example/页"]),
        ("javascript:alert(1) ftp://x www.x.example", []),
        ('<a href="https://a.example/">x</a>', ["https://a.example/"]),
    ],
)
def test_web_addresses_are_found_and_nothing_is_lost(text: str, links: list[str]) -> None:
    parts = list(parts_of(text))
    assert [part for part, is_link in parts if is_link] == links
    assert "".join(part for part, _ in parts) == text
