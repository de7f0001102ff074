"""The house itself: the staff, their sessions, files, keepsakes."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    Table,
    Text,
)

from store.tables.naming import metadata
from store.types import INSTANT

#: Who is there: names are those of the company's file.
presence = Table(
    "presence",
    metadata,
    Column("name", Text, primary_key=True),
    Column("online", Boolean, nullable=False),
    Column("since", INSTANT, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("login", Text, primary_key=True),
    Column("staff_name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("created_at", INSTANT, nullable=False),
    Column("changed_at", INSTANT, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("login", ForeignKey("users.login", ondelete="CASCADE"), nullable=False, index=True),
    Column("created_at", INSTANT, nullable=False),
    Column("seen_at", INSTANT, nullable=False),
    Column("expires_at", INSTANT, nullable=False),
    Column("csrf", Text, nullable=False),
)

#: Failed logins, by login and by address, for the lock-out.
login_failures = Table(
    "login_failures",
    metadata,
    Column("subject", Text, primary_key=True),
    Column("count", Integer, nullable=False),
    Column("locked_until", INSTANT),
    Column("last_at", INSTANT, nullable=False),
)

#: Small things the house remembers: the secret that signs cookies, the version of the schema's last writer.
keepsakes = Table("keepsakes", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

#: Files that customers and staff sent, kept outside the web root.
files = Table(
    "files",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("media_type", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("conversation_key", Text, index=True),
    Column("created_at", INSTANT, nullable=False),
)
