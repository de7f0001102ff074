"""How well the tagger reads the hand-written messages that nobody trained or tuned on."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks import nlp_rivals as rivals
from benchmarks.nlp_tables import Table
from desk.readings import INTENTS
from nlp.artifact import Artifact
from nlp.encoder import Encoder, Scores
from nlp.judging import Judge
from nlp.keywords import KeywordTagger
from nlp.language import identify
from nlp.lexicon import load_lexicon
from nlp.regression import softmax
from nlp.training.figures import area_under, calibration_error, confusion, f1, macro_f1
from nlp.training.messages import SENTIMENTS, TEST, TRAIN, Message, read

OTHER = INTENTS.index("other")
#: How probable urgency may be where a cheap reading is enough.
_CALM = 0.15
Labels = np.ndarray[Any, np.dtype[np.int64]]
Floats = np.ndarray[Any, np.dtype[np.float64]]


@dataclass(frozen=True, kw_only=True, slots=True)
class _Found:
    """What one contender made of the messages; None where it does not say."""

    name: str
    intents: Floats | None
    sentiments: Sequence[str | None]
    urgent: Sequence[bool] | None
    #: Probabilities, where they are asked for: a row of the sentiments' a message, and that it is urgent.
    tones: Floats | None = None
    hurry: Floats | None = None


def tables(artifact: Artifact) -> list[Table]:
    """The figures of the put-away messages, each contender a column, the tagger's confusions, and the cheap first."""
    messages, taught = read(TEST), read(TRAIN)
    scores = Encoder(artifact).encode([message.text for message in messages])
    ours = _ours(artifact, scores, messages)
    cheap = _tfidf(taught, messages)
    found = [ours, cheap, _keywords(messages), _tones(messages)]
    return [
        Table(
            title=f"{len(messages)} messages of an author whom nobody trained or tuned on",
            head=("figure", "must", "aim", *(each.name for each in found)),
            rows=_figures(found, messages),
        ),
        _confusions(ours, messages),
        _cheap_first(ours, cheap, messages),
    ]


def _ours(artifact: Artifact, scores: Scores, messages: Sequence[Message]) -> _Found:
    model = artifact.description
    judge = Judge(model)
    readings = judge.readings(scores, [identify(message.text) for message in messages])
    return _Found(
        name="the tagger",
        intents=judge.intents(scores),
        sentiments=[str(reading.sentiment) for reading in readings],
        urgent=[reading.urgent for reading in readings],
        tones=softmax(scores.sentiment / model.temperature.sentiment),
        hurry=1 / (1 + np.exp(-scores.urgent[:, 0] / model.temperature.urgent)),
    )


def _tfidf(taught: Sequence[Message], messages: Sequence[Message]) -> _Found:
    texts, asked = [message.text for message in taught], [message.text for message in messages]
    rows, names = rivals.probabilities(rivals.tfidf(texts, [message.intent for message in taught]), asked)
    tones, sentiments = rivals.probabilities(rivals.tfidf(texts, [message.sentiment for message in taught]), asked)
    hurry, _ = rivals.probabilities(rivals.tfidf(texts, [str(message.urgent) for message in taught]), asked)
    tones = tones[:, [sentiments.index(sentiment) for sentiment in SENTIMENTS]]
    return _Found(
        name="TF-IDF + LR",
        intents=rows[:, [names.index(intent) for intent in INTENTS]],
        sentiments=[SENTIMENTS[at] for at in tones.argmax(1)],
        urgent=list(hurry[:, 1] > 0.5),
        tones=tones,
        hurry=hurry[:, 1],
    )


def _keywords(messages: Sequence[Message]) -> _Found:
    tagger = KeywordTagger(load_lexicon())
    readings = [tagger.tag(message.text) for message in messages]
    rows = np.zeros((len(messages), len(INTENTS)))
    for row, reading in zip(rows, readings, strict=True):
        row[:] = (1 - reading.confidence) / (len(INTENTS) - 1)
        row[INTENTS.index(reading.intent)] = reading.confidence
    tones = [str(reading.sentiment) for reading in readings]
    return _Found(name="keywords", intents=rows, sentiments=tones, urgent=[reading.urgent for reading in readings])


def _tones(messages: Sequence[Message]) -> _Found:
    chinese, english = rivals.snownlp(), rivals.vader()
    found = [(chinese if message.tongue == "zh" else english)([message.text])[0] for message in messages]
    return _Found(name="SnowNLP, VADER", intents=None, sentiments=found, urgent=None)


def _figures(found: Sequence[_Found], messages: Sequence[Message]) -> list[tuple[str, ...]]:
    wanted = np.array([INTENTS.index(message.intent) for message in messages])
    urgent = np.array([message.urgent for message in messages])
    mine = {tongue: np.array([message.tongue == tongue for message in messages]) for tongue in ("zh", "en")}
    intents: list[tuple[str, str, str, Callable[[Floats], float]]] = [
        ("intent, macro-F1, zh", "0.88", "0.94", lambda p: macro_f1(p.argmax(1)[mine["zh"]], wanted[mine["zh"]])),
        ("intent, macro-F1, en", "0.90", "0.95", lambda p: macro_f1(p.argmax(1)[mine["en"]], wanted[mine["en"]])),
        ("out of scope: recall at 5 % in scope refused", "0.75", "0.90", lambda p: _refused(p, wanted)[0]),
        ("out of scope: AUROC", "", "", lambda p: _refused(p, wanted)[1]),
        ("out of scope and read as other", "", "", lambda p: float((p.argmax(1) == OTHER)[wanted == OTHER].mean())),
        ("in scope and read as other", "", "", lambda p: float((p.argmax(1) == OTHER)[wanted != OTHER].mean())),
        ("ECE of the intent", "0.03", "0.015", lambda p: calibration_error(p.max(1), p.argmax(1) == wanted)),
        ("right among readings above 0.8", "0.80", "", lambda p: _right_above(p, wanted, 0.8)),
        ("right among readings above 0.55", "", "", lambda p: _right_above(p, wanted, 0.55)),
    ]
    rows: list[tuple[str, ...]] = [
        (name, must, aim, *("" if each.intents is None else _figure(figure(each.intents)) for each in found))
        for name, must, aim, figure in intents
    ]
    tones = [
        (f"sentiment, macro-F1, {tongue}", "0.80", "0.88", *(_tone(each, messages, tongue) for each in found))
        for tongue in ("zh", "en")
    ]
    hurried = ["" if each.urgent is None else _figure(f1(np.array(each.urgent), urgent)) for each in found]
    return [
        *rows,
        *tones,
        ("ECE of the sentiment", "0.03", "0.015", *(_tone_error(each, messages) for each in found)),
        ("urgent, F1", "0.70", "0.85", *hurried),
        ("ECE of the urgency", "0.03", "0.015", *(_hurry_error(each, urgent) for each in found)),
    ]


def _tone(found: _Found, messages: Sequence[Message], tongue: str) -> str:
    pairs = [
        (each, message.sentiment)
        for each, message in zip(found.sentiments, messages, strict=True)
        if message.tongue == tongue
    ]
    return _figure(macro_f1(np.array([each for each, _ in pairs]), np.array([each for _, each in pairs])))


def _tone_error(found: _Found, messages: Sequence[Message]) -> str:
    if found.tones is None:
        return ""
    wanted = np.array([SENTIMENTS.index(message.sentiment) for message in messages])
    return _figure(calibration_error(found.tones.max(1), found.tones.argmax(1) == wanted))


def _hurry_error(found: _Found, urgent: np.ndarray[Any, np.dtype[np.bool_]]) -> str:
    if found.hurry is None:
        return ""
    sure = np.maximum(found.hurry, 1 - found.hurry)
    return _figure(calibration_error(sure, (found.hurry >= 0.5) == urgent))


def _refused(intents: Floats, wanted: Labels) -> tuple[float, float]:
    """Recall of out-of-scope where 5 % of what is in scope is refused, and the AUROC, by the probability of `other`."""
    outside = intents[:, OTHER]
    within = wanted != OTHER
    threshold = np.quantile(outside[within], 0.95)
    return float((outside[~within] > threshold).mean()), area_under(outside.astype(np.float32), ~within)


def _right_above(intents: Floats, wanted: Labels, confidence: float) -> float:
    sure = intents.max(1) > confidence
    return float((intents.argmax(1) == wanted)[sure].mean()) if sure.any() else 0.0


def _confusions(found: _Found, messages: Sequence[Message]) -> Table:
    assert found.intents is not None
    wanted = np.array([INTENTS.index(message.intent) for message in messages])
    table = confusion(found.intents.argmax(1), wanted, len(INTENTS))
    rows = []
    for number, name in enumerate(INTENTS):
        others = [(int(count), INTENTS[at]) for at, count in enumerate(table[number]) if count and at != number]
        said = ", ".join(f"{other} {count}" for count, other in sorted(others, key=lambda each: -each[0]))
        rows.append((name, str(int(table[number].sum())), str(int(table[number, number])), said))
    return Table(title="What the tagger mistakes for what", head=("intent", "messages", "right", "read as"), rows=rows)


def _cheap_first(ours: _Found, cheap: _Found, messages: Sequence[Message]) -> Table:
    """What is lost where the cheap classifier reads alone: what is not urgent, and of what intent and tone are sure."""
    assert ours.intents is not None
    assert cheap.intents is not None
    assert cheap.tones is not None
    assert cheap.hurry is not None
    wanted = np.array([INTENTS.index(message.intent) for message in messages])
    tones = np.array([message.sentiment for message in messages])
    rows = []
    for intent, tone in ((0.5, 0.0), (0.7, 0.8), (0.6, 0.8), (0.5, 0.8), (0.5, 0.7), (0.4, 0.7)):
        sure = (cheap.intents.max(1) >= intent) & (cheap.tones.max(1) >= tone) & (cheap.hurry <= _CALM)
        read = np.where(sure, cheap.intents.argmax(1), ours.intents.argmax(1))
        said = np.where(sure, np.array(cheap.sentiments), np.array(ours.sentiments))
        lost = macro_f1(ours.intents.argmax(1), wanted) - macro_f1(read, wanted)
        lost_tone = macro_f1(np.array(ours.sentiments), tones) - macro_f1(said, tones)
        share = float(sure.mean())
        times = f"{1 / max(1e-9, 1 - share):.2f}"
        rows.append(
            (
                f"{intent}",
                f"{tone}" if tone else "any",
                f"{100 * share:.0f} %",
                times,
                f"{100 * lost:.1f}",
                f"{100 * lost_tone:.1f}",
            )
        )
    head = (
        "sure of the intent from",
        "of the tone from",
        "reads",
        "throughput at most, times",
        "points of intent lost",
        "points of tone lost",
    )
    title = f"The cheap first, by TF-IDF + LR, of what is urgent with {_CALM} at most"
    return Table(title=title, head=head, rows=rows)


def _figure(value: float) -> str:
    return f"{value:.3f}"
