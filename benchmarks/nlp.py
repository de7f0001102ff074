"""`python -m benchmarks.nlp` (make bench-nlp): how good the tagger is, and how fast, beside others.

The put-away messages are read with --final alone: who tunes by them has no test any more.
"""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import nlp
from benchmarks import nlp_public, nlp_quality, nlp_speed, nlp_tables
from benchmarks.results import machine
from nlp.artifact import Artifact, open_artifact

_INTRODUCTION = """`make bench-nlp ARGS="--final --write --public DIR --tuned FILE"` measures this section anew; the
last time on {at:%Y-%m-%d} with the model {version}: {machine}. DIR has the public sets, without which the last table is
left out; FILE is what `python -m benchmarks.nlp_tuned` has kept.
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.nlp", description=__doc__)
    parser.add_argument("--model", type=Path, default=Path(nlp.__file__).with_name("model"), help="the model's folder")
    parser.add_argument("--final", action="store_true", help="read the put-away messages")
    parser.add_argument("--public", type=Path, help="the folder of banking77, clinc150, waimai and shopping")
    parser.add_argument("--tuned", type=Path, help="what python -m benchmarks.nlp_tuned has kept")
    parser.add_argument("--no-speed", action="store_true", help="leave speed and memory out")
    parser.add_argument("--write", action="store_true", help="write the section of docs/benchmarks.md")
    return parser.parse_args()


def _measured(options: argparse.Namespace, artifact: Artifact) -> Iterator[nlp_tables.Table]:
    """Part by part, so that a run that is stopped has shown what it had."""
    if options.final:
        yield from nlp_quality.tables(artifact)
    if not options.no_speed:
        yield from nlp_speed.tables(artifact)
    if options.public is not None:
        yield from nlp_public.tables(artifact, options.public, options.tuned)


def main() -> None:
    """Measure, show, write."""
    options = _arguments()
    artifact = open_artifact(options.model)
    tables: list[nlp_tables.Table] = []
    for table in _measured(options, artifact):
        nlp_tables.show(table)
        tables.append(table)
    if options.write:
        said = _INTRODUCTION.format(at=datetime.now(UTC), version=artifact.description.version, machine=machine())
        print("page:", nlp_tables.write(said, tables))


if __name__ == "__main__":
    main()
