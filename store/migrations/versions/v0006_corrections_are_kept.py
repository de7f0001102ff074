"""What the staff correct in a reading is kept, and tickets know the message that they got their intent from."""

import sqlalchemy as sa
from alembic import op

revision = "v0006"
down_revision = "v0005"

INSTANT = sa.TIMESTAMP(timezone=True).with_variant(sa.Integer(), "sqlite")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Tickets of before know no such message, and show their intent alone."""
    op.add_column("tickets", sa.Column("asked_in", sa.BigInteger(), nullable=True))
    op.add_column("tickets", sa.Column("confidence", sa.Float(), nullable=True))
    op.add_column("tickets", sa.Column("sentiment", sa.Text(), nullable=True))
    op.add_column("tickets", sa.Column("urgent", sa.Boolean(), nullable=True))
    op.create_table(
        "corrections",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("ticket", sa.BigInteger()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("sentiment", sa.Text()),
        sa.Column("urgent", sa.Boolean()),
        sa.Column("read_intent", sa.Text(), nullable=False),
        sa.Column("read_confidence", sa.Float(), nullable=False),
        sa.Column("read_sentiment", sa.Text(), nullable=False),
        sa.Column("read_urgent", sa.Boolean(), nullable=False),
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
    )
    op.create_index("ix_corrections_contact_id", "corrections", ["contact_id"])
    op.create_index("ix_corrections_message_id", "corrections", ["message_id", "id"])
    op.create_index("ix_corrections_at", "corrections", ["at", "id"])
