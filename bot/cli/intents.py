"""`guanxi intents`: how well the company's own intents are told apart, and what the staff corrected."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC
from pathlib import Path

import msgspec
import typer

from bot.cli.databases import on_database
from bot.cli.environment import company_file, company_of, configuration, moment
from bot.cli.learning import learnt_from
from bot.cli.terminal import UNUSABLE, WRONG, Stop, progress, remark, show
from bot.settings import read_settings
from bot.tagger import examples_of, model_folder
from desk.readings import Correction
from nlp.artifact import open_artifact
from nlp.proving import Proof, prove
from store import corrections


def test(config: Path | None) -> None:
    """Read each example by what was learnt without it, and show what was mistaken or stands too close to another."""
    settings = read_settings()
    folder = model_folder(settings)
    if folder is None:
        raise Stop(
            "own intents are learnt by a model of Guanxi's own alone; name its folder in GUANXI_NLP_MODEL", UNUSABLE
        )
    company = configuration(company_file(config)).company
    examples = examples_of(company, learnt_from(settings, company))
    if not company.intents:
        raise Stop("the company's file has no intents of its own", WRONG)
    proofs: list[Proof] = []
    with progress("Reading", len(examples)) as counter:
        for proof in prove(open_artifact(folder), examples):
            proofs.append(proof)
            counter.advance(1)
    _show_confusion(proofs)
    _show_troubles([proof for proof in proofs if proof.rival is not None or not proof.is_right])
    remark(f"{sum(proof.is_right for proof in proofs)} of {len(proofs)} examples are read right without themselves")


def export(since: str | None) -> None:
    """Print what the staff corrected, as JSON lines, the oldest first."""
    begin = None if since is None else moment(since, company_of(read_settings()))
    for each in on_database(lambda database: database.read(lambda connection: corrections.since(connection, begin))):
        typer.echo(msgspec.json.encode(_line(each)))


def _line(said: Correction) -> dict[str, object]:
    read = said.read
    return {
        "text": said.text,
        "intent": said.intent,
        "sentiment": said.sentiment,
        "urgent": said.urgent,
        "language": read.language,
        "read": {name: getattr(read, name) for name in ("intent", "confidence", "sentiment", "urgent", "reader")},
        "at": said.at.astimezone(UTC),
        "by": said.by,
    }


def _show_confusion(proofs: Sequence[Proof]) -> None:
    intents = dict.fromkeys(proof.example.intent for proof in proofs)
    rows = []
    for intent in intents:
        found = Counter(proof.read_as for proof in proofs if proof.example.intent == intent)
        mistaken = ", ".join(f"{name} {count}" for name, count in found.most_common() if name != intent)
        rows.append((intent, found.total(), found[intent], mistaken))
    show(("Intent", "Examples", "Right", "Read as"), rows)


def _show_troubles(proofs: Sequence[Proof]) -> None:
    rows = [
        (
            proof.example.intent,
            proof.example.text,
            f"{proof.read_as} {proof.confidence:.2f}",
            "" if proof.rival is None else f"{proof.rival.example.intent}: {proof.rival.example.text}",
        )
        for proof in proofs
    ]
    if rows:
        show(("Intent", "Example", "Read as", "Too close to"), rows)
