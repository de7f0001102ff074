"""The house's texts: one file a language under texts/, and every file says the same things with the same figures."""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from desk.texts import Catalogue

FOLDER = Path(__file__).parent / "texts"
_REFERENCE = "en"


class CatalogueRefused(ValueError):
    """Language files that cannot be used as they stand; the text has one mistake a line."""


def load_catalogue(default: str, folder: Path = FOLDER) -> Catalogue:
    """Every language that has a file; the key `said` of the table `help` is "help.said".

    `default` is the company's language, en where it has no file. Raises CatalogueRefused with all mistakes.
    """
    mistakes: list[str] = []
    texts = {path.stem: _read(path, mistakes) for path in sorted(folder.glob("*.toml"))}
    if _REFERENCE not in texts:
        mistakes.append(f"{folder / _REFERENCE}.toml: not there; the other languages are compared with it")
    for language in texts.keys() - {_REFERENCE} if not mistakes else ():
        mistakes += _differences(f"{language}.toml", texts[language], texts[_REFERENCE])
    if mistakes:
        raise CatalogueRefused("\n".join(sorted(mistakes)))
    return Catalogue(texts=texts, default=default if default in texts else _REFERENCE)


def _read(path: Path, mistakes: list[str]) -> dict[str, str]:
    try:
        flat = dict(_flat(tomllib.loads(path.read_text(encoding="utf-8"))))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        mistakes.append(f"{path.name}: not TOML: {error}")
        return {}
    for key, text in flat.items():
        if not isinstance(text, str):
            mistakes.append(f"{path.name}: {key}: expected a text")
        elif _figures(text) is None:
            mistakes.append(f"{path.name}: {key}: a brace stands alone; write {{{{ for a brace that is meant")
    return flat


def _flat(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _differences(file: str, texts: Mapping[str, str], reference: Mapping[str, str]) -> Iterator[str]:
    for key in reference.keys() - texts.keys():
        yield f"{file}: {key}: not there, {_REFERENCE}.toml has it"
    for key in texts.keys() - reference.keys():
        yield f"{file}: {key}: unknown, {_REFERENCE}.toml does not have it"
    for key in texts.keys() & reference.keys():
        said, expected = _figures(texts[key]) or frozenset(), _figures(reference[key]) or frozenset()
        if said != expected:
            yield f"{file}: {key}: expected {_named(expected)}, as in {_REFERENCE}.toml, not {_named(said)}"


def _named(figures: frozenset[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(figures)) or "no figures"


def _figures(text: str) -> frozenset[str] | None:
    """What is filled in, None where the braces do not pair."""
    try:
        return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)
    except ValueError:
        return None
