"""What can be typed after `guanxi`. Each command imports what it needs when it is typed, so that all start fast."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from bot.roles import Role
from bot.version import VERSION

guanxi = typer.Typer(
    help="Guanxi: a service desk for chat channels. Customers write, tickets are kept, people answer.",
    epilog="Exit codes: 0 all is well; 1 what was asked about is wrong or not there; 2 usage, settings or environment.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
sla = typer.Typer(help="Reckon with the calendars of the company's file.", no_args_is_help=True)
inbox = typer.Typer(help="What came in and could not be handled.", no_args_is_help=True)
outbox = typer.Typer(help="What was to go out and did not arrive.", no_args_is_help=True)
user = typer.Typer(help="Who may enter the staff's console.", no_args_is_help=True)
intents = typer.Typer(help="The company's own intents.", no_args_is_help=True)
telegram = typer.Typer(help="The bot at Telegram.", no_args_is_help=True)
guanxi.add_typer(sla, name="sla")
guanxi.add_typer(inbox, name="inbox")
guanxi.add_typer(outbox, name="outbox")
guanxi.add_typer(user, name="user")
guanxi.add_typer(intents, name="intents")
guanxi.add_typer(telegram, name="telegram")


class StaffRole(StrEnum):
    """As desk.company.Role, without the desk behind it, which is slow to import."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"


Rows = Annotated[list[int] | None, typer.Argument(metavar="ROW...", help="The rows' numbers; all where none is given.")]
Login = Annotated[str, typer.Argument(metavar="LOGIN", help="The name to log in with.")]
Config = Annotated[Path | None, typer.Option("--config", metavar="FILE", help="The company's file (GUANXI_CONFIG).")]
JsonLines = Annotated[
    bool, typer.Option("--jsonl", help="JSON lines from stdin, answered on stdout in the same order.")
]
PasswordFromStdin = Annotated[
    bool, typer.Option("--password-stdin", help="Read the password from stdin instead of making one.")
]


@guanxi.command()
def run(
    role: Annotated[Role, typer.Option(help="What this process does; others than all need PostgreSQL.")] = Role.ALL,
) -> None:
    """Serve web chat, console, API and Telegram.

    In an empty folder it writes a company's file to start with; the database is migrated first.
    """
    from bot.cli.running import run as serve

    serve(role)


@guanxi.command()
def check(
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="The company's file (GUANXI_CONFIG).")] = None,
) -> None:
    """Check the company's file and knowledge pages.

    Every mistake is shown at once, with its line, its key and what was expected.
    """
    from bot.cli.checking import check as check_file

    check_file(file)


@guanxi.command()
def migrate() -> None:
    """Bring the database to this version's schema. Harmless where it is there already."""
    from bot.cli.checking import migrate_database

    migrate_database()


@guanxi.command()
def tag(
    text: Annotated[str | None, typer.Argument(metavar="TEXT", help="A customer's message.")] = None,
    jsonl: JsonLines = False,
    again: Annotated[bool, typer.Option("--again", help="Read the stored messages anew, with --since.")] = False,
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Like 2026-01-05.")] = None,
) -> None:
    """Tag customers' messages.

    Prints intent, confidence, sentiment, urgent, language and reader as JSON. With --jsonl each line of stdin is a text
    ("where is my order") or an object ({"text": "where is my order"}). With --again the customers' messages since a day
    get the readings of this version's model; a second run goes on where a first one was stopped.
    """
    from bot.cli import tagging

    if [text is not None, jsonl, again].count(True) != 1 or again is not (since is not None):
        raise typer.BadParameter("give a text, or --jsonl and lines on stdin, or --again --since DATE")
    if since is not None:
        tagging.tag_again(since)
    elif text is not None:
        tagging.tag(text)
    else:
        tagging.tag_lines()


@sla.command()
def due(
    calendar: Annotated[str | None, typer.Argument(metavar="CALENDAR", help="A calendar's name.")] = None,
    start: Annotated[str | None, typer.Argument(metavar="START", help="Like 2026-01-05T09:00.")] = None,
    minutes: Annotated[float | None, typer.Argument(metavar="MINUTES", help="Open time to count.")] = None,
    jsonl: JsonLines = False,
    config: Config = None,
) -> None:
    """Say when so much open time has passed.

    With --jsonl each line of stdin is {"calendar": "office", "start": "2026-01-05T09:00", "minutes": 90}, and is
    answered by {"due": "2026-01-05T02:30:00Z"}. A start without an offset is by the calendar's own clock.
    """
    from bot.cli import open_time

    if jsonl and calendar is None:
        open_time.due_lines(config)
    elif calendar is not None and start is not None and minutes is not None and not jsonl:
        open_time.due(calendar, start, minutes, config)
    else:
        raise typer.BadParameter("give CALENDAR START MINUTES, or --jsonl and lines on stdin")


@inbox.command()
def parked() -> None:
    """List what could not be handled, and why."""
    from bot.cli.queues import show_parked

    show_parked()


@inbox.command()
def replay(rows: Rows = None) -> None:
    """Let parked rows be handled again."""
    from bot.cli import queues

    queues.replay(rows or [])


@outbox.command()
def failed() -> None:
    """List what did not arrive, and why."""
    from bot.cli.queues import show_failed

    show_failed()


@outbox.command()
def retry(rows: Rows = None) -> None:
    """Send failed messages again."""
    from bot.cli import queues

    queues.retry(rows or [])


@user.command()
def add(
    login: Login,
    staff: Annotated[str, typer.Option(metavar="NAME", help="Their name in the company's file.")],
    role: Annotated[StaffRole | None, typer.Option(help="What they may do; else as in the company's file.")] = None,
    password_stdin: PasswordFromStdin = False,
) -> None:
    """Let a person of the staff log in.

    A password is made and shown once, or read from stdin.
    """
    from bot.cli import users

    users.add(login, staff, None if role is None else role.value, from_stdin=password_stdin)


@user.command()
def password(
    login: Login,
    password_stdin: PasswordFromStdin = False,
) -> None:
    """Give a login a new password.

    It is shown once, or read from stdin; whoever is logged in with the old one is out.
    """
    from bot.cli import users

    users.change_password(login, from_stdin=password_stdin)


@intents.command("test")
def prove_intents(config: Config = None) -> None:
    """Show how well the company's own intents are told apart.

    Each example is read by what was learnt without it. A table counts what it was read as; another lists the examples
    that were mistaken, or that resemble an example of another intent more than any of their own.
    """
    from bot.cli.intents import test

    test(config)


@intents.command("export")
def export_corrections(
    since: Annotated[str | None, typer.Option(metavar="DATE", help="Like 2026-01-05; all where none is given.")] = None,
) -> None:
    """Print what the staff corrected, as JSON lines.

    Each is {"text": ..., "intent": ..., "sentiment": ..., "urgent": ..., "language": ..., "read": {...}, "at": ...,
    "by": ...}, where "read" is what had been read. Of several corrections of a message the last counts.
    """
    from bot.cli.intents import export

    export(since)


@telegram.command("check")
def check_telegram() -> None:
    """Find what is in the bot's way at Telegram.

    Asks about the token, the webhook, each room's group, the bot's rights in it and its people, a line each, with what
    to do; and registers the menus of commands.
    """
    from bot.cli.telegram import check as ask_telegram

    ask_telegram()


@guanxi.command()
def version() -> None:
    """Say which version this is."""
    typer.echo(f"guanxi {VERSION}")
