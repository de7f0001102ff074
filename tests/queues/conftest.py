"""A post office for the tests of the queues: a sender on a real database, a channel that does as it is told."""

import pytest

from store.database import Database
from tests.handlers.desk_driver import Desk
from tests.queues.post import Post


@pytest.fixture
def post(database: Database) -> Post:
    """A post office on an empty database."""
    return Post(database=database)


@pytest.fixture
def desk(database: Database) -> Desk:
    """A desk on the same database."""
    return Desk(database=database)
