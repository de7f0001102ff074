"""What the house says, in each language: a catalogue of short texts by key."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Catalogue:
    """Texts by language and key; `{name}` in a text is filled in. `default` is used where a language is not there."""

    texts: Mapping[str, Mapping[str, str]]
    default: str

    def say(self, language: str, key: str, /, **figures: object) -> str:
        """The text in a language ("zh-Hans" finds "zh"). Raises KeyError for a key that no file has."""
        return self.texts[self.nearest(language)][key].format_map(figures)

    def nearest(self, language: str) -> str:
        """The catalogue's language for a tag: itself, its main part, or the default."""
        if language in self.texts:
            return language
        main = language.partition("-")[0].lower()
        return main if main in self.texts else self.default
