"""`guanxi tag`: what the tagger reads in a message."""

import asyncio
from collections.abc import Sequence

import msgspec
import typer

from bot.cli.lines import answer
from desk.readings import Reading
from nlp.keywords import KeywordTagger
from nlp.knowledge import Pages
from nlp.lexicon import load_lexicon
from nlp.plain import PlainUnderstander
from nlp.understander import Understander


def tag(text: str) -> None:
    """Print the tags of one text."""
    typer.echo(msgspec.json.encode(_tags(_understander(), [text])[0]))


def tag_lines() -> None:
    """Print the tags of each line of stdin: a text, or an object with the key text."""
    understander = _understander()
    answer("Tagging", _text, lambda texts: _tags(understander, texts))


def _understander() -> Understander:
    return PlainUnderstander(KeywordTagger(load_lexicon()), Pages(()))


def _tags(understander: Understander, texts: Sequence[str]) -> list[Reading]:
    return [each.reading for each in asyncio.run(understander.understand(texts))]


def _text(line: bytes) -> str:
    match msgspec.json.decode(line):
        case str(text) | {"text": str(text)}:
            return text
        case _:
            raise ValueError('expected a text, or an object like {"text": "..."}')
