"""`guanxi user`: who may enter the console."""

import sys

import typer

from bot import clock
from bot.cli.databases import on_database
from bot.cli.environment import company_file, configuration
from bot.cli.terminal import UNUSABLE, WRONG, Stop
from bot.company.mistakes import suggestion
from bot.printable import printable
from console.passwords import hash_password, make_password
from desk.company import Role, StaffMember
from store import users
from store.database import Database


def add(login: str, staff: str, role: str | None, *, from_stdin: bool) -> None:
    """Add a login for a person of the company's file; their role there is the default."""
    person = _person(staff)
    may = Role(role or person.role)
    password, password_hash = _password(from_stdin=from_stdin)

    async def work(database: Database) -> bool:
        return await database.transaction(
            lambda connection: users.add_user(
                connection,
                login=login,
                staff_name=person.name,
                role=may,
                password_hash=password_hash,
                at=clock.now(),
            )
        )

    if not on_database(work):
        raise Stop(f"{login}: that login is taken; `guanxi user password {login}` makes a new password", WRONG)
    typer.echo(printable(f"{login} may enter as {person.name} ({may.value})."))
    _show(password)


def change_password(login: str, *, from_stdin: bool) -> None:
    """Give a login a new password; whoever is logged in with the old one is out."""
    password, password_hash = _password(from_stdin=from_stdin)

    async def work(database: Database) -> bool:
        return await database.transaction(
            lambda connection: users.change_password(
                connection, login=login, password_hash=password_hash, at=clock.now()
            )
        )

    if not on_database(work):
        raise Stop(f"{login}: there is no such login", WRONG)
    typer.echo(printable(f"{login} has a new password, and must log in again."))
    _show(password)


def _person(name: str) -> StaffMember:
    staff = {member.name: member for member in configuration(company_file()).company.staff}
    if name not in staff:
        raise Stop(f"{name}: nobody of that name stands under `staff`{suggestion(name, staff)}", WRONG)
    return staff[name]


def _password(*, from_stdin: bool) -> tuple[str | None, str]:
    """A password to show, None where it came from stdin, and its hash."""
    password = sys.stdin.readline().rstrip("\r\n") if from_stdin else make_password()
    try:
        return None if from_stdin else password, hash_password(password)
    except ValueError as error:
        raise Stop(str(error), UNUSABLE) from error


def _show(password: str | None) -> None:
    if password is not None:
        typer.echo(f"Password (shown only now): {password}")
