"""Who may enter the console: users, their sessions, and failed logins.

Of a session's token only the SHA-256 is kept, so whoever reads the database cannot enter with what they find there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, or_, select, update

from desk.company import Role
from store.dialects import upsert
from store.tables import login_failures, sessions, users


@dataclass(frozen=True, kw_only=True, slots=True)
class User:
    """A login. `staff_name` is the person's name in the company's file."""

    login: str
    staff_name: str
    role: Role
    password_hash: str
    created_at: datetime
    changed_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Session:
    """A login that holds. `csrf` is what every form of the session carries."""

    token_hash: str
    login: str
    staff_name: str
    role: Role
    seen_at: datetime
    expires_at: datetime
    csrf: str


# ---- users -----------------------------------------------------------------------------------------------------------


def add_user(
    connection: Connection, *, login: str, staff_name: str, role: Role, password_hash: str, at: datetime
) -> bool:
    """Add a user; False where the login is taken."""
    row = {"login": login, "staff_name": staff_name, "role": role, "password_hash": password_hash}
    statement = upsert(connection.dialect.name, users).values(**row, created_at=at, changed_at=at)
    return bool(connection.execute(statement.on_conflict_do_nothing()).rowcount)


def find_user(connection: Connection, login: str) -> User | None:
    """The user with that login."""
    row = connection.execute(select(users).where(users.c.login == login)).one_or_none()
    return None if row is None else User(**{**row._asdict(), "role": Role(row.role)})


def has_users(connection: Connection) -> bool:
    """Whether anybody may enter at all."""
    return connection.execute(select(users.c.login).limit(1)).first() is not None


def change_password(connection: Connection, *, login: str, password_hash: str, at: datetime) -> bool:
    """Change a password and end the user's sessions; False where there is no such user."""
    change = update(users).where(users.c.login == login).values(password_hash=password_hash, changed_at=at)
    if not connection.execute(change).rowcount:
        return False
    # A password is changed because somebody may know it: whoever entered with the old one is out.
    connection.execute(delete(sessions).where(sessions.c.login == login))
    of_login = login_failures.c.subject.startswith("login:") & login_failures.c.subject.endswith(
        f" {login}", autoescape=True
    )
    connection.execute(
        delete(login_failures).where(or_(login_failures.c.subject == everywhere_subject(login), of_login))
    )
    return True


# ---- sessions --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Opening:
    """A session that begins."""

    token_hash: str
    login: str
    csrf: str
    expires_at: datetime


def enter(connection: Connection, opening: Opening, *, address: str, now: datetime, instead_of: str) -> None:
    """Begin a session in place of the browser's old one; the attempt that led here was none at guessing.

    The login's counts are cleared; the address gets back what this attempt was counted for and no more, or whoever
    knows one password could guess at all others without end.
    """
    cleared = (login_subject(opening.login, address), everywhere_subject(opening.login))
    connection.execute(delete(login_failures).where(login_failures.c.subject.in_(cleared)))
    back = update(login_failures).where(
        login_failures.c.subject == address_subject(address), login_failures.c.count > 0
    )
    connection.execute(back.values(count=login_failures.c.count - 1, locked_until=None))
    # Sessions that have run out are cleared away on this occasion.
    connection.execute(delete(sessions).where(or_(sessions.c.expires_at <= now, sessions.c.token_hash == instead_of)))
    row = {"token_hash": opening.token_hash, "login": opening.login, "csrf": opening.csrf, "created_at": now}
    connection.execute(insert(sessions).values(**row, seen_at=now, expires_at=opening.expires_at))


def find_session(connection: Connection, *, token_hash: str, now: datetime, idle: timedelta) -> Session | None:
    """The session, None where it has ended: its own end is past, or nobody came for `idle`."""
    query = (
        select(sessions, users.c.staff_name, users.c.role)
        .join(users, users.c.login == sessions.c.login)
        # The hash is the key of one row; both ends are compared on it alone.
        .where(sessions.c.token_hash == token_hash, sessions.c.expires_at > now, sessions.c.seen_at > now - idle)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _session(row)


def _session(row: Row[Any]) -> Session:
    return Session(
        token_hash=row.token_hash,
        login=row.login,
        staff_name=row.staff_name,
        role=Role(row.role),
        seen_at=row.seen_at,
        expires_at=row.expires_at,
        csrf=row.csrf,
    )


def touch_session(connection: Connection, *, token_hash: str, now: datetime) -> None:
    """Somebody came: the idle time begins anew."""
    connection.execute(update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=now))


def close_session(connection: Connection, token_hash: str) -> None:
    """End a session."""
    connection.execute(delete(sessions).where(sessions.c.token_hash == token_hash))


# ---- failed logins ---------------------------------------------------------------------------------------------------


def login_subject(login: str, address: str) -> str:
    """What guesses at one login from one address are counted under: nobody locks it for those who sit elsewhere."""
    return f"login:{address} {login}"


def everywhere_subject(login: str) -> str:
    """What guesses at one login from all addresses together are counted under."""
    return f"everywhere:{login}"


def address_subject(address: str) -> str:
    """What guesses from one address are counted under."""
    return f"address:{address}"


def count_attempt(
    connection: Connection,
    subjects: Sequence[str],
    *,
    now: datetime,
    forget_after: timedelta,
    locked_for: Callable[[str, int], timedelta],
) -> datetime | None:
    """Count an attempt before it is judged, so that guesses made at once count one after the other.

    Returns None where it may go on, else until when the longest lock of the subjects holds; then nothing is counted.
    """
    # Counts that have faded are cleared away, those of other subjects too: guesses at random names fill no table.
    connection.execute(delete(login_failures).where(login_failures.c.last_at < now - forget_after))
    # Always in the same order, so that two attempts never wait for each other.
    known = [_counted(connection, subject, now) for subject in sorted(subjects)]
    locked: datetime | None = max((row.locked_until for row in known if row.locked_until is not None), default=None)
    if locked is not None and locked > now:
        return locked
    for row in known:
        attempts: int = row.count_
        values = {"count": attempts + 1, "locked_until": now + locked_for(row.subject, attempts + 1), "last_at": now}
        connection.execute(update(login_failures).where(login_failures.c.subject == row.subject).values(**values))
    return None


def _counted(connection: Connection, subject: str, now: datetime) -> Row[Any]:
    blank = upsert(connection.dialect.name, login_failures).values(subject=subject, count=0, last_at=now)
    connection.execute(blank.on_conflict_do_nothing())
    count = login_failures.c.count.label("count_")  # a row has a method count()
    columns: list[ColumnElement[Any]] = [login_failures.c.subject, count, login_failures.c.locked_until]
    query = select(*columns)
    return connection.execute(query.where(login_failures.c.subject == subject).with_for_update()).one()
