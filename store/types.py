"""Column types that mean the same on SQLite and PostgreSQL."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import TIMESTAMP, BigInteger, Dialect, Integer
from sqlalchemy.types import TypeEngine, UserDefinedType

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class _SqliteInstant(UserDefinedType[datetime]):
    """Microseconds since 1970 in UTC: sorts, compares, and costs no parsing."""

    cache_ok = True

    def get_col_spec(self, **_options: object) -> str:
        return "INTEGER"

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], int | None]:
        del dialect
        return lambda value: None if value is None else (value - _EPOCH) // _MICROSECOND

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], datetime | None]:
        del dialect, coltype
        return lambda value: None if value is None else _EPOCH + timedelta(microseconds=value)


#: An aware moment: timestamptz on PostgreSQL, microseconds on SQLite.
INSTANT: TypeEngine[datetime] = TIMESTAMP(timezone=True).with_variant(_SqliteInstant(), "sqlite")

#: A 64-bit key; SQLite counts up only what it calls INTEGER.
KEY: TypeEngine[int] = BigInteger().with_variant(Integer(), "sqlite")
