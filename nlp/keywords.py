"""The plain tagger: rules over known words, in Chinese and English, honest where it knows none.

Confidence is the strength of the intent's rules, lessened by what speaks for another intent and by how little of the
message the known words cover; without evidence the intent is "other" at `UNKNOWN`.
"""

from collections.abc import Mapping, Sequence
from operator import itemgetter

from desk.readings import COURTESIES, Reading, Sentiment
from nlp.language import identify
from nlp.lexicon import Hit, Lexicon
from nlp.words import MARKS, units_of

#: The confidence of "other" where nothing in the message is known.
UNKNOWN = 0.2
#: What its readings name as their reader; what it knows is kept beside the program, so it has no version of its own.
READER = "keywords"


class KeywordTagger:
    """Tags by the lexicon's words; no state, safe from any thread."""

    reader = READER

    def __init__(self, lexicon: Lexicon) -> None:
        self._lexicon = lexicon
        self._refusal = lexicon.mask(["unwanted"])
        self._negator = lexicon.mask(["unwanted", "negator"])
        self._alone = lexicon.mask(["stop_alone"])

    def tag(self, text: str) -> Reading:
        """The text's tags; never raises, whatever the text."""
        units = units_of(text)
        hits = self._lexicon.scan(units)
        said = len(units) - sum(map(MARKS.__contains__, units))
        words = self._meant(hits, said)
        intent, confidence = self._intent(words, _coverage(hits, said))
        return Reading(
            intent=intent,
            confidence=confidence,
            sentiment=self._sentiment(hits),
            urgent=self._lexicon.urgent(words),
            language=identify(text),
            reader=self.reader,
        )

    def _meant(self, hits: Sequence[Hit], said: int) -> int:
        """All words that occur and are not refused: "not a refund" does not ask for a refund."""
        words = 0
        refused_until = -1
        for hit in hits:
            found = hit.words
            if hit.start <= refused_until:
                found &= ~self._lexicon.refusable
            if hit.end - hit.start < said:
                found &= ~self._alone
            if hit.words & self._refusal:
                refused_until = hit.end + 1
            words |= found
        return words

    def _intent(self, words: int, coverage: float) -> tuple[str, float]:
        doubts: dict[str, float] = {}
        for rule in self._lexicon.fired(words):
            doubts[rule.intent] = doubts.get(rule.intent, 1.0) * (1 - rule.strength)
        requests = doubts if doubts.keys().isdisjoint(COURTESIES) else _without_courtesies(doubts)
        if not requests and (not doubts or coverage < 0.4):
            return "other", UNKNOWN
        ranked = sorted((requests or doubts).items(), key=itemgetter(1))
        intent, doubt = ranked[0]
        rival = 1 - ranked[1][1] if len(ranked) > 1 and requests else 0.0
        share = 0.5 + min(0.5, coverage)
        return intent, round((1 - max(doubt, 0.03)) * (1 - 0.7 * min(rival, 0.97)) * share, 3)

    def _sentiment(self, hits: Sequence[Hit]) -> Sentiment:
        balance = negatives = 0
        negated_until = -1
        for hit in hits:
            negated = hit.start <= negated_until
            if hit.words & self._lexicon.negative and not negated:
                negatives += 1
            elif hit.words & self._lexicon.positive:
                balance += 1
                negatives += 2 * negated
            negated_until = hit.end + 1 if hit.words & self._negator else -1
        if negatives and negatives >= balance:
            return Sentiment.NEGATIVE
        return Sentiment.POSITIVE if balance else Sentiment.NEUTRAL


def _without_courtesies(doubts: Mapping[str, float]) -> dict[str, float]:
    return {intent: doubt for intent, doubt in doubts.items() if intent not in COURTESIES}


def _coverage(hits: Sequence[Hit], said: int) -> float:
    """The part of what is said, punctuation aside, that the lexicon knows."""
    known = 0
    for start, end, _ in hits:
        known += end - start
    return known / said if said else 0.0
