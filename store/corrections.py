"""What the staff said of readings that were wrong."""

from collections.abc import Sequence

from sqlalchemy import Connection

from desk.readings import Correction


def corrections(_connection: Connection) -> Sequence[Correction]:
    """All of them, the oldest first. There is no way yet for the staff to say so."""
    return ()
