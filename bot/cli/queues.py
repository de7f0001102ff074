"""`guanxi inbox` and `guanxi outbox`: what was set aside, and another try for it."""

from collections.abc import Callable, Collection
from datetime import datetime

import typer

from bot import clock
from bot.cli.databases import on_database
from bot.cli.terminal import WRONG, Stop, remark, show
from store import inbox, outbox
from store.database import Connection, Database

_AT_MOST = 1000


def show_parked() -> None:
    """List what could not be handled."""
    rows = on_database(lambda database: database.read(lambda connection: inbox.parked(connection, _AT_MOST)))
    show(
        ("Row", "Received (UTC)", "Lane", "Reason"),
        [(row.id, _moment(row.received_at), row.lane, row.reason) for row in rows],
    )
    _count(len(rows), "parked row", "Another try: guanxi inbox replay")


def show_failed() -> None:
    """List what did not arrive."""
    rows = on_database(lambda database: database.read(lambda connection: outbox.failed(connection, _AT_MOST)))
    show(
        ("Row", "Written (UTC)", "To", "Kind", "Reason"),
        [(row.id, _moment(row.created_at), row.lane, row.kind, row.reason) for row in rows],
    )
    _count(len(rows), "failed row", "Another try: guanxi outbox retry")


def replay(ids: Collection[int]) -> None:
    """Let parked rows be handled again."""
    _again(ids, inbox.replay, "parked")


def retry(ids: Collection[int]) -> None:
    """Let failed rows be sent again."""
    _again(ids, outbox.retry, "failed")


def _again(
    ids: Collection[int], back: Callable[[Connection, Collection[int] | None, datetime], int], state: str
) -> None:
    wanted = set(ids)

    async def work(database: Database) -> int:
        return await database.transaction(lambda connection: back(connection, wanted or None, clock.now()))

    count = on_database(work)
    if count < (len(wanted) or 1):
        raise Stop(f"{count} of {len(wanted)} rows are {state}" if wanted else f"no row is {state}", WRONG)
    typer.echo(f"{_rows(count, 'row')} again in line.")


def _count(count: int, what: str, hint: str) -> None:
    if count == 0:
        remark(f"no {what}s")
    else:
        remark(f"{_rows(count, what)}{' and maybe more' if count == _AT_MOST else ''}. {hint}")


def _rows(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _moment(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"
