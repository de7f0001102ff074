"""Messages know which model read them."""

import sqlalchemy as sa
from alembic import op

revision = "v0005"
down_revision = "v0004"


def upgrade() -> None:
    """A reading keeps its reader; those of before have none."""
    op.add_column("messages", sa.Column("reader", sa.Text(), nullable=True))
