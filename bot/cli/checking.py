"""`guanxi check` and `guanxi migrate`."""

from pathlib import Path

import typer

from bot.catalogue import load_catalogue
from bot.cli.databases import migrated
from bot.cli.environment import company_file, configuration
from bot.cli.terminal import WRONG, Stop, remark
from bot.company import CompanyFileError
from bot.printable import printable
from bot.settings import read_settings
from nlp.pages import PagesRefused, read_pages
from store import revisions


def check(given: Path | None) -> None:
    """Say every mistake of the company's file, or what it holds; the same for its knowledge pages."""
    file = company_file(given)
    try:
        company = configuration(file).company
    except CompanyFileError as error:
        raise _mistakes(str(error), len(error.mistakes)) from None
    load_catalogue(company.default_language)
    folder = file.parent / company.knowledge.folder
    try:
        pages = read_pages(folder) if folder.is_dir() else ()
    except PagesRefused as error:
        raise _mistakes(str(error), len(error.mistakes)) from None
    if not folder.is_dir():
        remark(f"{folder}: there is no such folder, so the bot answers nothing from knowledge")
    counts = f"{len(company.staff)} staff, {len(company.teams)} teams, {len(pages)} knowledge pages"
    typer.echo(f"{printable(str(file))}: correct ({counts})")


def _mistakes(lines: str, count: int) -> Stop:
    typer.echo(lines)
    return Stop("1 mistake" if count == 1 else f"{count} mistakes", WRONG)


def migrate_database() -> None:
    """Bring the database to the newest schema and say where it was."""
    before, newest = migrated(read_settings()), revisions.newest()
    if before == newest:
        typer.echo(f"The database is at {newest}: nothing to do.")
    else:
        typer.echo(f"The database is at {newest} now ({'it was empty' if before is None else f'it was at {before}'}).")
