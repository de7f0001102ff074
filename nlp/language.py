"""Which language a text is in, by its script, its characteristic characters and a few small words."""

import re
from functools import lru_cache

from nlp.normalise import READ_AT_MOST, traditional_characters

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_KANA_OR_HANGUL = re.compile(r"[\u3041-\u30fa\uac00-\ud7af]")
_LATIN_WORD = re.compile(r"[a-zA-Z]+")
_WORD = re.compile(r"[^\W\d_]+")
_FOREIGN = """
    der die das und ist nicht ich wo mein meine bitte für mit eine einen wie hallo danke guten kann ihr
    el los las que por está donde mi pedido hola gracias con una para qué cómo quiero buenos
    le les des est une où mon ma je vous pas bonjour merci avec pour commande et
    il che non dove mio ciao grazie sono di per o meu minha onde obrigado não você olá um uma
    waar mijn het een niet ik hoe bedankt är inte och hej nie jest jak dzień gdzie xin không
"""
#: Particles and Cantonese words that have no simplified form of their own.
_TRADITIONAL_ALONE = frozenset("囉囖喔嘍唷啲嘅咁佢哋冇噉嚟喺咗俾")
_ENGLISH = """
    the a an is are was i you my me we it this that to of in on for with and or not no can do does have has
    please where when what how why hi hello thanks thank your order help need want
"""


@lru_cache(maxsize=1)
def _small_words() -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(_ENGLISH.split()), frozenset(_FOREIGN.split())


@lru_cache(maxsize=1)
def _characteristic() -> tuple[frozenset[str], frozenset[str]]:
    traditional, simplified = traditional_characters()
    shared = simplified.encode("big5", "ignore").decode("big5")  # 后, 里, 台 … are written in both scripts
    return frozenset(traditional) | _TRADITIONAL_ALONE, frozenset(simplified) - frozenset(shared)


def identify(text: str) -> str:
    """ "zh-Hans", "zh-Hant", "en", or "other" where the text is in another language or does not tell."""
    text = text[:READ_AT_MOST]
    if text.isascii():
        return _latin(text)
    if _KANA_OR_HANGUL.search(text):
        return "other"
    latin = len(_LATIN_WORD.findall(text))
    if len(_HAN.findall(text)) < max(1, latin):
        return _latin(_HAN.sub(" ", text))
    traditional, simplified = _characteristic()
    characters = set(text)
    return "zh-Hant" if len(characters & traditional) > len(characters & simplified) else "zh-Hans"


def _latin(text: str) -> str:
    words = set((_LATIN_WORD if text.isascii() else _WORD).findall(text.lower()))
    if not words:
        return "other"
    english, other = _small_words()
    foreign = len(words & other)
    if not text.isascii():
        foreign += sum(not word.isascii() for word in words - other)
    return "en" if len(words & english) >= foreign else "other"
