"""Why a transaction failed: the database is away, or it does not take what it was given."""

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection

#: PostgreSQL's classes of errors that say nothing of what was asked: connection, resources, operator, system, internal.
_AWAY = ("08", "53", "57", "58", "XX")


def is_away(error: Exception) -> bool:
    """Whether the database could not do its work, so that the same may succeed later."""
    if isinstance(error, OSError | NoConnection | InterfaceError | OperationalError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = str(getattr(error.orig, "sqlstate", None) or "")
    return error.connection_invalidated or state.startswith(_AWAY)


def cause_of(error: Exception) -> Exception:
    """What the driver says, without the statement and its parameters: those are customers' words."""
    return error.orig if isinstance(error, DBAPIError) and isinstance(error.orig, Exception) else error
