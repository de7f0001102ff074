"""Who reads the customers' messages: the model that GUANXI_NLP_MODEL names, with the company's own intents."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import nlp
from bot.settings import Settings
from desk.company import Company
from desk.readings import INTENTS, Correction
from nlp.examples import Example
from nlp.keywords import READER, KeywordTagger
from nlp.knowledge import Pages
from nlp.lexicon import load_lexicon
from nlp.pages import Page
from nlp.plain import PlainUnderstander
from nlp.understander import RoundTagger, Understander

#: The model that the program brings with it.
SHIPPED = str(Path(nlp.__file__).with_name("model"))
#: What reads where GUANXI_NLP_MODEL names nothing.
USUAL = SHIPPED
#: How many corrections are learnt from: the newest ones, so that a start stays short.
LEARNT_FROM = 500
_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")


def open_understander(
    settings: Settings, company: Company | None, pages: Sequence[Page] = (), corrections: Sequence[Correction] = ()
) -> Understander:
    """The understander that the settings name. Raises ModelRefused where its files are missing or broken.

    `corrections` are what the staff said of earlier readings; a model of ours learns from them.
    """
    if (settings.nlp_model or USUAL) == READER:
        return PlainUnderstander(KeywordTagger(load_lexicon()), Pages(pages))
    from nlp.transformer import TransformerUnderstander

    taught = _Taught(
        examples=tuple(examples_of(company, corrections)),
        corrected=tuple(corrected(company, corrections)),
        pages=tuple(pages),
    )
    model, data = settings.nlp_model or USUAL, settings.files.parent
    return TransformerUnderstander(_opened(model, settings.nlp_labels, taught, data), Pages(pages))


def check_model(settings: Settings) -> None:
    """Raise ModelRefused where a model of ours is missing or broken; of another's only loading it can tell."""
    folder = model_folder(settings)
    if folder is not None:
        from nlp.artifact import open_artifact

        open_artifact(folder)


def model_folder(settings: Settings) -> Path | None:
    """Where the model of ours lies that reads, and learns a company's own intents; None where something else reads."""
    name = settings.nlp_model or USUAL
    return None if name == READER or _is_classifier(name) else Path(name)


def examples_of(company: Company | None, corrections: Sequence[Correction] = ()) -> list[Example]:
    """What a company's own intents are learnt from: their examples, and what the staff corrected to or from them.

    A mistake between two built-in intents says nothing of the others: 480 of those beside 20 examples left one in
    twenty messages of the own intents found, where it had been nine.
    """
    own = {intent.name: intent for intent in (company.intents if company is not None else ())}
    about = [each for each in corrections if each.intent in own or each.read.intent in own]
    examples = {text: Example(text=text, intent=name) for name, intent in own.items() for text in intent.examples}
    return list((examples | {each.text: each for each in corrected(company, about)}).values())


def corrected(company: Company | None, corrections: Sequence[Correction]) -> list[Example]:
    """What the staff say that texts mean, as far as there still is such an intent; of one text the newest counts."""
    known = known_intents(company)
    told = sorted(corrections, key=lambda correction: correction.at)
    found = {each.text: Example(text=each.text, intent=each.intent) for each in told if each.text.strip()}
    return [each for each in found.values() if each.intent in known]


def known_intents(company: Company | None) -> tuple[str, ...]:
    """The built-in intents and the company's own."""
    return (*INTENTS, *(each.name for each in (company.intents if company is not None else ())))


def _is_classifier(model: str) -> bool:
    return (Path(model) / "config.json").is_file() or (not Path(model).exists() and bool(_HUB_ID.fullmatch(model)))


@dataclass(frozen=True, kw_only=True, slots=True)
class _Taught:
    """What a company taught its model."""

    examples: tuple[Example, ...]
    corrected: tuple[Example, ...]
    pages: tuple[Page, ...]


@lru_cache(maxsize=1)
def _opened(model: str, labels: Path | None, taught: _Taught, data: Path) -> RoundTagger:
    """One process has one model, however many workers."""
    if _is_classifier(model):
        from nlp.classifier import open_classifier

        return open_classifier(model, labels)
    from nlp.transformer import open_tagger

    return open_tagger(Path(model), taught.examples, taught.pages, data, corrected=taught.corrected)
