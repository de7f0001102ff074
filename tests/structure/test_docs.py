"""The documents keep to the program: links lead somewhere, commands exist, the example of a channel runs as it stands.

tests/bot/test_operators_page.py holds the settings, tests/company/ the keys of the company's file.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer.main

from bot.cli.commands import guanxi
from channels.base import Address, Channel, NotStored, Parcel, Raw, Rejected
from desk.commands import CustomerWrote
from desk.outgoing import CustomerMessage, Line

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PATHS = re.compile(r"`((?:bot|channels|console|desk|handlers|lifecycle|nlp|store|tests|docs)/[\w./-]*)`")
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def anchors(page: Path) -> set[str]:
    """What can be linked to within a page: its headings, as forges name them."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def lost(page: Path) -> Iterator[str]:
    for link in LINK.findall(text_of(page)):
        if link.startswith(("http://", "https://")):
            continue
        name, _, anchor = link.partition("#")
        target = page if not name else page.parent / name
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


def typed() -> list[str]:
    """Every command, as it is typed."""

    def below(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        commands = getattr(command, "commands", None)
        if commands is None:
            yield words
            return
        for name, child in commands.items():
            yield from below(child, (*words, name))

    return [" ".join(words) for words in below(typer.main.get_command(guanxi), ("guanxi",))]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file_and_a_heading(page: Path) -> None:
    assert list(lost(page)) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_is_named_is_there(page: Path) -> None:
    """What an instruction asks to be made (French texts, a package of one's own) is not there yet."""
    named = [path for path in PATHS.findall(text_of(page)) if "/fr." not in path and "NAME" not in path]
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_command_stands_in_the_readme() -> None:
    commands = typed()
    assert {"guanxi run", "guanxi telegram check"} <= set(commands)
    assert [command for command in commands if f"`{command}" not in text_of(ROOT / "README.md")] == []


def test_every_command_of_make_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):.*## ", text_of(ROOT / "Makefile"), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"(?:`|^)make ([a-z]+)", text_of(page), re.MULTILINE)}
    assert {"run", "test"} <= named <= targets


def test_every_page_is_reached_from_the_readme() -> None:
    linked = {(ROOT / link).resolve() for link in LINK.findall(text_of(ROOT / "README.md")) if link.endswith(".md")}
    assert {page.resolve() for page in PAGES} - linked == {(ROOT / "README.md").resolve()}


@pytest.fixture
def spool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The channel of docs/how-to-add-a-channel.md."""
    found = BLOCK.search(text_of(ROOT / "docs" / "how-to-add-a-channel.md"))
    assert found is not None
    module = ModuleType("spool")
    monkeypatch.setitem(sys.modules, "spool", module)
    exec(compile(found[1], "spool.py", "exec"), vars(module))  # noqa: S102 - our own page
    return module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "in" / "1.json").write_text('{"id": "1", "name": "Ann", "text": "Hello?"}', encoding="utf-8")
    return tmp_path


def test_the_example_of_a_channel_has_the_protocols_shape(spool: ModuleType, folder: Path) -> None:
    channel = spool.SpoolChannel(folder, lambda: NOW)
    assert [name for name in vars(Channel) if not name.startswith("_") and not hasattr(channel, name)] == []


async def test_its_door_acknowledges_only_what_is_stored(spool: ModuleType, folder: Path) -> None:
    stored: list[Raw] = []

    async def refuse(updates: Sequence[Raw]) -> None:
        raise NotStored("the disk is full")

    async def store(updates: Sequence[Raw]) -> None:
        stored.extend(updates)

    with pytest.raises(NotStored):
        await spool.collect(folder, refuse, lambda: NOW)
    assert (folder / "in" / "1.json").exists()
    await spool.collect(folder, store, lambda: NOW)
    assert not (folder / "in" / "1.json").exists()
    command = spool.SpoolChannel(folder, lambda: NOW).parse(stored[0].payload, NOW)[0]
    assert isinstance(command, CustomerWrote)
    assert (stored[0].lane, command.sender.key, command.text) == ("spool:Ann", "spool:Ann", "Hello?")


async def test_it_sends_and_refuses_in_the_words_of_channels_base(spool: ModuleType, folder: Path) -> None:
    channel, to = spool.SpoolChannel(folder, lambda: NOW), Address(chat="Ann")
    await channel.send(Parcel(address=to, content=CustomerMessage(text="Good morning")))
    assert (folder / "out" / "Ann.txt").read_text(encoding="utf-8") == "Good morning\n"
    with pytest.raises(Rejected):
        await channel.send(Parcel(address=to, content=Line(text="for the staff")))
    with pytest.raises(ValueError, match="JSON"):
        channel.parse("not JSON", NOW)
