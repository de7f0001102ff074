"""An index on what the customers wrote in words, by time: the figures of its readings need nothing else."""

import sqlalchemy as sa
from alembic import op

revision = "v0007"
down_revision = "v0006"


def upgrade() -> None:
    """On a large table this takes a while, during which nothing is written."""
    read = sa.text("author = 'customer' AND intent IS NOT NULL AND text <> ''")
    columns = ["at", "id", "intent", "confidence"]
    op.create_index("ix_messages_read", "messages", columns, sqlite_where=read, postgresql_where=read)
