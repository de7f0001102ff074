"""Alerts wait for their room."""

import sqlalchemy as sa
from alembic import op

revision = "v0004"
down_revision = "v0003"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A room is told of several alerts at once."""
    op.add_column("alerts", sa.Column("room", sa.Text(), nullable=True))
    op.add_column("alerts", sa.Column("text", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.add_column("alerts", sa.Column("told_at", INSTANT, nullable=True))
    op.create_index("ix_alerts_room", "alerts", ["room", "told_at"])
