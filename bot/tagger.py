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


def model_folder(settings: Settings) -> Path | None:
    """Where the model lies that learns a company's own intents; None where something else reads."""
    name = settings.nlp_model or USUAL
    return Path(name) if name != READER and (Path(name) / "model.json").is_file() else None


def examples_of(company: Company | None, corrections: Iterable[Correction] = ()) -> list[Example]:
    """What a company's own intents are learnt from; of several corrections of one text the newest counts."""
    own = company.intents if company is not None else ()
    examples = {text: Example(text=text, intent=intent.name) for intent in own for text in intent.examples}
    for each in sorted(corrections, key=lambda correction: correction.at):
        examples[each.text] = Example(text=each.text, intent=each.intent)
    return list(examples.values())


@lru_cache(maxsize=1)
def _opened(
    model: str, labels: Path | None, examples: Sequence[Example], pages: Sequence[Page], data: Path
) -> RoundTagger:
    """One process has one model, however many workers."""
    from nlp.artifact import DESCRIPTION, refused
    from nlp.classifier import CONFIGURATION, open_classifier
    from nlp.transformer import open_tagger

    folder = Path(model)
    if (folder / CONFIGURATION).is_file() or (not folder.exists() and _HUB_ID.fullmatch(model)):
        return open_classifier(model, labels)
    if not folder.is_dir():
        raise refused(folder, f"there is no such folder with {DESCRIPTION} or {CONFIGURATION}")
    return open_tagger(folder, examples, pages, data)
