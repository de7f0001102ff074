"""The desk for the tests of the handlers."""

import pytest

from store.database import Database
from tests.handlers.desk_driver import Desk


@pytest.fixture
def desk(database: Database) -> Desk:
    """A desk on an empty database, on Monday the 23rd at 10:00 in Shanghai, within office hours."""
    return Desk(database=database)
