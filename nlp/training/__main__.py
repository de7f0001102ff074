"""`python -m nlp.training`: make the tagger's model. Without a command it trains, calibrates and exports."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from nlp.training import check as checking
from nlp.training import messages

if TYPE_CHECKING:
    from nlp.training.making import Making

PACKAGED = Path(__file__).parents[1] / "model"

_console = Console()


def main() -> int:
    options = _arguments()
    match options.command:
        case "check":
            return _check()
        case "tidy":
            _tidy()
        case "evaluate":
            _evaluate(options)
        case "author":
            _author(options)
        case "stand-in":
            _stand_in(options)
        case _:
            _train(options)
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m nlp.training", description=__doc__)
    parser.add_argument("--work", type=Path, default=Path("build/tagger"), help="where what was computed is kept")
    parser.add_argument("--public", type=Path, default=Path("../shared/data"), help="the folder of the public sets")
    parser.add_argument("--model", type=Path, default=PACKAGED, help="the artifact's folder")
    parser.add_argument("--seed", type=int, default=11)
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("check", help="look for repetitions, leaks, unknown labels and too small numbers")
    commands.add_parser("tidy", help="take repetitions and leaks out of the training messages")
    evaluate = commands.add_parser("evaluate", help="the figures on the test split, asked for at the end only")
    evaluate.add_argument("--write", action="store_true", help="put them into model.json and the card")
    author = commands.add_parser("author", help="train without one author and measure on that one")
    author.add_argument("letter", choices=list("ABCDEFGHIJKLMNOPQR"))
    commands.add_parser("stand-in", help="an artifact with the untrained encoder, in minutes")
    return parser.parse_args()


def _train(options: argparse.Namespace) -> None:
    """What a stopped run had done is not done again."""
    from nlp.training import cards

    with _progress() as progress:
        figures = _making(options).artifact(options.model, progress)
    cards.write(options.model)
    _console.print_json(data=figures)


def _author(options: argparse.Namespace) -> None:
    with _progress() as progress:
        _console.print_json(data=_making(options).author(options.letter, progress))


def _stand_in(options: argparse.Namespace) -> None:
    from nlp.training import cards

    figures = _making(options).stand_in(options.model)
    cards.write(options.model)
    _console.print_json(data=figures)


def _evaluate(options: argparse.Namespace) -> None:
    from nlp.training import cards
    from nlp.training.artifact import opened
    from nlp.training.evaluation import heard, judged

    made, fitted = opened(options.model)
    found = judged(heard(made, messages.read(messages.TEST)), fitted)
    if options.write:
        cards.add_test(options.model, found)
    _console.print_json(data=found.figures())
    _console.print(cards.confusion_table(found), soft_wrap=True, highlight=False, markup=False)


def _check() -> int:
    faults = checking.faults(*(messages.read(path) for path in (messages.TRAIN, messages.TEST, messages.STRANGERS)))
    for fault in faults:
        _console.print(fault, markup=False)
    _console.print(f"{len(faults)} faults")
    return 1 if faults else 0


def _tidy() -> None:
    train = messages.read(messages.TRAIN)
    test, strangers = messages.read(messages.TEST), messages.read(messages.STRANGERS)
    kept = checking.tidied(train, test)
    messages.write(messages.TRAIN, kept)
    _console.print(f"{len(train) - len(kept)} of {len(train)} messages taken out")
    strange = checking.strange(strangers, kept, test)
    messages.write(messages.STRANGERS, strange)
    _console.print(f"{len(strangers) - len(strange)} of the strangers' {len(strangers)} taken out")


def _making(options: argparse.Namespace) -> "Making":
    from nlp.training.learning import Recipe
    from nlp.training.making import Making
    from nlp.training.workshop import opened

    given = messages.read(messages.TRAIN)
    shop = opened(options.work, given)
    strangers = messages.read(messages.STRANGERS)
    recipe = Recipe(seed=options.seed)
    return Making(workshop=shop, messages=given, strangers=strangers, public=options.public, recipe=recipe)


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=_console)


if __name__ == "__main__":
    sys.exit(main())
