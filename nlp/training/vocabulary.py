"""The tokenizer, cut to the pieces that Chinese and English need; chosen from word lists and training texts alone."""

import io
import unicodedata
from collections.abc import Iterable, Sequence

import sentencepiece
import wordfreq
from sentencepiece import sentencepiece_model_pb2
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
ENGLISH_WORDS = 50_000
SHOUTED_WORDS = 20_000

_SYMBOLS = ((0x2000, 0x2BFF), (0x3000, 0x30FF), (0xFE30, 0xFE4F), (0xFF00, 0xFFEF), (0x1F000, 0x1FAFF))
_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF))
_LATIN = ((0xA1, 0x24F),)
_SPACE = "▁"

Pieces = Sequence[tuple[str, float]]


def tokenizer_of(pieces: Pieces) -> Tokenizer:
    """XLM-R's tokenizer over these pieces, the first four of which are the special ones."""
    tokenizer = Tokenizer(models.Unigram(list(pieces), unk_id=SPECIAL.index("<unk>")))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Precompiled(_nmt_nfkc()), normalizers.Replace(Regex(" {2,}"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement=_SPACE, prepend_scheme="always")
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    ends = [("<s>", SPECIAL.index("<s>")), ("</s>", SPECIAL.index("</s>"))]
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", special_tokens=ends)
    return tokenizer


def _nmt_nfkc() -> bytes:
    """XLM-R's normaliser is one of sentencepiece's own; a throw-away model carries its compiled table."""
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["a b c d e f"] * 20),
        model_writer=model,
        vocab_size=12,
        normalization_rule_name="nmt_nfkc",
        hard_vocab_limit=False,
        minloglevel=2,
    )
    proto = sentencepiece_model_pb2.ModelProto()
    proto.ParseFromString(model.getvalue())
    table: bytes = proto.normalizer_spec.precompiled_charsmap
    return table


def chosen(pieces: Pieces, texts: Iterable[str]) -> list[int]:
    """The numbers of the pieces that are kept, in their old order.

    All Chinese ones, all of ASCII that are not plain words, marks and emoji, single Latin letters with accents, and
    what frequent English words and the training texts are written with.
    """
    used = set(range(len(SPECIAL)))
    tokenizer = tokenizer_of(pieces)
    for text in [*_english(), *texts]:
        used.update(tokenizer.encode(text, add_special_tokens=False).ids)
    used.update(number for number, (piece, _) in enumerate(pieces) if number not in used and _belongs(piece))
    return sorted(used)


def _english() -> list[str]:
    words = [word for word in wordfreq.top_n_list("en", ENGLISH_WORDS, wordlist="best") if word.isascii()]
    return [*words, *map(str.capitalize, words), *map(str.upper, words[:SHOUTED_WORDS])]


def _belongs(piece: str) -> bool:
    letters = piece.replace(_SPACE, "")
    if letters.isascii():
        return len(letters) < 2 or not letters.isalpha()
    if len(letters) == 1 and _within(letters, _LATIN):
        return True
    return all(_within(letter, _HAN) or _is_symbol(letter) for letter in letters)


def _is_symbol(letter: str) -> bool:
    return (letter.isascii() and not letter.isalpha()) or (_within(letter, _SYMBOLS) and _assigned(letter))


def _assigned(letter: str) -> bool:
    return unicodedata.category(letter)[0] != "C"


def _within(letter: str, ranges: Sequence[tuple[int, int]]) -> bool:
    return any(first <= ord(letter) <= last for first, last in ranges)
