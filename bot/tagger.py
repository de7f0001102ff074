"""Who reads the customers' messages: the model that GUANXI_NLP_MODEL names, with the company's own intents."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import nlp
from bot.settings import Settings
from desk.company import Company
from desk.readings import Correction
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
USUAL = READER
_HUB_ID = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*")


def open_understander(
    settings: Settings, company: Company | None, pages: Sequence[Page] = (), corrections: Iterable[Correction] = ()
) -> Understander:
    """The understander that the settings name. Raises ModelRefused where its files are missing or broken.

    `corrections` are what the staff said of earlier readings; the company's own intents learn from them.
    """
    if (settings.nlp_model or USUAL) == READER:
        return PlainUnderstander(KeywordTagger(load_lexicon()), Pages(pages))
    from nlp.transformer import TransformerUnderstander

    examples = tuple(examples_of(company, corrections))
    model, data = settings.nlp_model or USUAL, settings.files.parent
    return TransformerUnderstander(_opened(model, settings.nlp_labels, examples, tuple(pages), data), Pages(pages))


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


def examples_of(company: Company | None, corrections: Iterable[Correction] = ()) -> list[Example]:
    """What a company's own intents are learnt from; of several corrections of one text the newest counts."""
    own = company.intents if company is not None else ()
    examples = {text: Example(text=text, intent=intent.name) for intent in own for text in intent.examples}
    for each in sorted(corrections, key=lambda correction: correction.at):
        examples[each.text] = Example(text=each.text, intent=each.intent)
    return list(examples.values())


def _is_classifier(model: str) -> bool:
    return (Path(model) / "config.json").is_file() or (not Path(model).exists() and bool(_HUB_ID.fullmatch(model)))


@lru_cache(maxsize=1)
def _opened(
    model: str, labels: Path | None, examples: Sequence[Example], pages: Sequence[Page], data: Path
) -> RoundTagger:
    """One process has one model, however many workers."""
    if _is_classifier(model):
        from nlp.classifier import open_classifier

        return open_classifier(model, labels)
    from nlp.transformer import open_tagger

    return open_tagger(Path(model), examples, pages, data)
