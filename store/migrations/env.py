"""What Alembic runs for each of its commands, on the connection that store/migrate.py hands over."""

from alembic import context

# A table of SQLite's is changed by copying it; the drafts are written that way for both databases.
context.configure(render_as_batch=True, **context.config.attributes)
with context.begin_transaction():
    context.run_migrations()
