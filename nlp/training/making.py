"""The way from the messages to the artifact: a run without two authors to calibrate by, then a round with all."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from rich.progress import Progress

from desk.readings import COURTESIES
from nlp.model_text import prepare
from nlp.training import artifact, general, splits, workshop
from nlp.training.artifact import Exported
from nlp.training.evaluation import calibrated, heard, judged
from nlp.training.learning import Course, Lesson, Recipe
from nlp.training.messages import Message
from nlp.training.network import Numbers, TaggerNetwork
from nlp.training.probe import fit_heads
from nlp.training.scores import truth_of
from nlp.training.workshop import Workshop

#: Who is held back to calibrate by: one who wrote Chinese and one who wrote English, of all trades.
LEFT_OUT = "GJ"
#: Of the messages that ask for nothing, the shortest to which a greeting is put. In bytes.
_SAYS_ENOUGH = 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Making:
    """What a training run needs to know."""

    workshop: Workshop
    messages: Sequence[Message]
    strangers: Sequence[Message]  # of authors who wrote nothing that is learnt
    public: Path
    recipe: Recipe

    def artifact(self, target: Path, progress: Progress) -> dict[str, Any]:
        """Train, calibrate, export; returns the figures on what was held back."""
        learnt, held = splits.by_scenario(self.messages, self.recipe.seed)
        known, _ = splits.without_authors(learnt, LEFT_OUT)
        _, strange = splits.without_authors(self.messages, LEFT_OUT)
        first = self.trained("first", known, progress)
        strangers = heard(self.exported(first, self.workshop.folder / "first", known), strange)
        made = self.exported(self.trained("shipped", learnt, progress, start=first), target, learnt)
        fresh = heard(made, self.strangers)
        fitted = calibrated(strangers, fresh)
        measured = {
            "strangers": judged(strangers, fitted).figures(),
            "fresh": judged(fresh, fitted).figures(),
            "validation": judged(heard(made, held), fitted).figures(),
        }
        artifact.describe(target, made, fitted, measured, [*workshop.LICENCES, *general.LICENCES])
        return measured

    def stand_in(self, target: Path) -> dict[str, Any]:
        """An artifact with the source's encoder as it is and fitted heads, for those who build what runs it."""
        learnt, held = splits.without_authors(self.messages, LEFT_OUT)
        network = self.workshop.network()
        workshop.seeded(self.recipe.seed)
        fit_heads(network, self._frozen(learnt), truth_of(learnt))
        made = self.exported(network, target, learnt)
        stranger = heard(made, held)
        fitted = calibrated(stranger)
        measured = {"strangers": judged(stranger, fitted).figures()}
        artifact.describe(target, made, fitted, measured, workshop.LICENCES)
        return measured

    def author(self, letter: str, progress: Progress) -> dict[str, Any]:
        """The figures on one author whom the model was not taught."""
        learnt, held = splits.without_authors(self.messages, letter)
        folder = self.workshop.folder / f"without-{letter}"
        stranger = heard(self.exported(self.trained(folder.name, learnt, progress), folder, learnt), held)
        return judged(stranger, calibrated(stranger)).figures()

    def exported(self, network: TaggerNetwork, folder: Path, learnt: Sequence[Message]) -> Exported:
        return artifact.exported(network, self.workshop.tokenizer, folder, learnt)

    def trained(
        self, name: str, learnt: Sequence[Message], progress: Progress, start: TaggerNetwork | None = None
    ) -> TaggerNetwork:
        """The network after its course, or as it was kept when that ended.

        From the encoder as it is through two rounds; from a trained network as `start` through one.
        """
        network = self.workshop.network()
        folder = self.workshop.folder / name
        folder.mkdir(exist_ok=True)
        done = folder / "trained.pt"
        if done.exists():
            network.load_state_dict(torch.load(done, weights_only=True))
            return network
        lesson = self._lesson(learnt)
        workshop.seeded(self.recipe.seed)
        if start is None:
            fit_heads(network, lesson.frozen, lesson.truth)
        else:
            network.load_state_dict(start.state_dict())
        for number, recipe in enumerate(self.recipe.rounds() if start is None else (self.recipe.last(),)):
            place = folder / f"round-{number}"
            workshop.seeded(self.recipe.seed)
            Course(network=network, workshop=self.workshop, lesson=lesson, recipe=recipe, folder=place).run(progress)
        torch.save(network.state_dict(), done)
        return network

    def _lesson(self, learnt: Sequence[Message]) -> Lesson:
        kept_general = general.texts(self.public, self.recipe.general_texts, self.recipe.seed)
        return Lesson(
            texts=[prepare(message.text) for message in learnt],
            asking=[_asking(message) for message in learnt],
            truth=truth_of(learnt),
            frozen=self._frozen(learnt),
            general=kept_general,
            frozen_general=self.workshop.frozen(kept_general),
        )

    def _frozen(self, learnt: Sequence[Message]) -> Numbers:
        """All messages are read once, whichever of them are learnt from."""
        everything = self.workshop.frozen([prepare(message.text) for message in self.messages])
        chosen = set(learnt)
        found: Numbers = everything[[message in chosen for message in self.messages]]
        return found


def _asking(message: Message) -> str:
    """The language of a message that stays what it is under a courtesy; a lone "ok" under one becomes the courtesy."""
    says_enough = message.intent != "other" or len(message.text.encode()) > _SAYS_ENOUGH
    return message.tongue if message.intent not in COURTESIES and says_enough else ""
