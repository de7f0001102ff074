"""What must be true of the labelled messages: no repetitions, no leaks between the splits, no label that is unknown."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from desk.readings import INTENTS
from nlp.training.messages import LANGUAGES, SENTIMENTS, Message, compared, trigrams

AT_LEAST = 100
AT_LEAST_OF_OTHER = 500
ALIKE = 0.75
COMPARED_FROM = 12


def faults(train: Sequence[Message], test: Sequence[Message], strangers: Sequence[Message] = ()) -> list[str]:
    """Everything that is wrong, as sentences; nothing where all is well."""
    return [
        *_unknown_labels([*train, *test, *strangers]),
        *_repetitions("train", train),
        *_repetitions("test", test),
        *_repetitions("strangers", strangers),
        *_shared_scenarios(train, test),
        *_leaks([*train, *strangers], test),
        *_known(train, strangers),
        *_too_few(train),
    ]


def _unknown_labels(messages: Sequence[Message]) -> Iterator[str]:
    for message in messages:
        if message.intent not in INTENTS:
            yield f"unknown intent {message.intent}: {message.text!r}"
        if message.language not in LANGUAGES:
            yield f"unknown language {message.language}: {message.text!r}"
        if message.sentiment not in SENTIMENTS:
            yield f"unknown sentiment {message.sentiment}: {message.text!r}"


def _repetitions(split: str, messages: Sequence[Message]) -> Iterator[str]:
    counted = Counter(compared(message.text) for message in messages)
    yield from (f"{times} times in {split}: {key!r}" for key, times in counted.items() if times > 1)


def _shared_scenarios(train: Sequence[Message], test: Sequence[Message]) -> Iterator[str]:
    shared = {message.scenario for message in train} & {message.scenario for message in test}
    yield from (f"a scenario on both sides: {scenario}" for scenario in sorted(shared))


def _leaks(train: Sequence[Message], test: Sequence[Message]) -> Iterator[str]:
    """The test's texts are not shown: nobody who trains is to read them."""
    for row, message in twins(train, test):
        yield f"the test's {message.scenario!r} is much like the training message {train[row].text!r}"


def _known(train: Sequence[Message], strangers: Sequence[Message]) -> Iterator[str]:
    """Who calibrates is a stranger to the model."""
    authors = {message.author for message in train} & {message.author for message in strangers}
    yield from (f"author {author} is learnt from, and no stranger" for author in sorted(authors))
    for row, message in twins(train, strangers):
        yield f"the stranger's {message.text!r} is much like the training message {train[row].text!r}"


def twins(train: Sequence[Message], test: Sequence[Message]) -> Iterator[tuple[int, Message]]:
    """The rows of training messages that say nearly the same as a test message, with that one."""
    keys = [compared(message.text) for message in train]
    grams = [trigrams(key) for key in keys]
    where: dict[str, list[int]] = defaultdict(list)
    for row, own in enumerate(grams):
        for gram in own:
            where[gram].append(row)
    for message in test:
        key, own = compared(message.text), trigrams(compared(message.text))
        shared = Counter(row for gram in own for row in where.get(gram, ()))
        for row, common in shared.items():
            alike = len(key) > COMPARED_FROM and common / (len(own) + len(grams[row]) - common) > ALIKE
            if alike or keys[row] == key:
                yield row, message


def strange(strangers: Sequence[Message], train: Sequence[Message], test: Sequence[Message]) -> list[Message]:
    """The strangers' messages that nearly nobody else has written."""
    known = {message for _, message in twins([*train, *test], strangers)}
    return [message for message in strangers if message not in known]


def tidied(train: Sequence[Message], test: Sequence[Message]) -> list[Message]:
    """The training messages without repetitions, and without those that nearly stand in the test split as well."""
    leaks = {row for row, _ in twins(train, test)}
    first = {compared(message.text): row for row, message in reversed(list(enumerate(train)))}
    return [message for row, message in enumerate(train) if row not in leaks and first[compared(message.text)] == row]


def _too_few(train: Sequence[Message]) -> Iterator[str]:
    counted = Counter((message.intent, message.tongue) for message in train)
    for intent in INTENTS:
        needed = AT_LEAST_OF_OTHER if intent == "other" else AT_LEAST
        for tongue in ("zh", "en"):
            if counted[intent, tongue] < needed:
                yield f"{intent} has {counted[intent, tongue]} messages in {tongue}, {needed} are needed"
