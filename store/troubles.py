"""What a person is told, in one line, when the database cannot do what is asked."""

import asyncpg
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout


def trouble(error: BaseException) -> str | None:
    """The line, without values of any row; None for an error that does not come from a database."""
    match error:
        case ArgumentError():
            return "the database's URL cannot be read"
        case DBAPIError():
            return _first_line(error.orig or error)
        case PoolTimeout():
            return "all connections to the database are busy"
        case SQLAlchemyError() | asyncpg.PostgresError() | asyncpg.InterfaceError():
            return _first_line(error)
        case _:
            return None


def _first_line(error: BaseException) -> str:
    lines = str(error).splitlines() or [type(error).__name__]
    return f"the database says: {lines[0]}"
