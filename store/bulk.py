"""Many rows in one statement: arrays on PostgreSQL, the driver's own loop on SQLite.

SQLAlchemy's executemany makes a dictionary of parameters for every row, and PostgreSQL answers every one by itself;
both cost more than the rows do. Here a row is a tuple, and a statement is built once. What is `gathered` goes to
PostgreSQL as one statement, since the way there and back costs more than most of them.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Dialect,
    Row,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeEngine

from store.dialects import upsert

Values = Mapping[str, ColumnElement[Any]]
"""The values of the row that is being written, by name."""
Rows = Sequence[tuple[Any, ...]]


class Bulk:
    """A statement that is carried out for many rows of a table."""

    def __init__(
        self, dialect: str, table: Table, types: Mapping[str, TypeEngine[Any]], build: Callable[[Values], Any]
    ) -> None:
        """`types` names a row's values, in order; `build` makes a statement about one row out of them."""
        self.table = table
        self._types = types
        self._is_whole = dialect == "postgresql"
        self.statement = build(_unnested(table, types) if self._is_whole else _bound(types))
        self._text = ""
        self._take: list[Callable[[tuple[Any, ...]], Any]] = []

    def run(self, connection: Connection, rows: Rows) -> None:
        """Carry it out, or gather it; nothing where there are no rows."""
        if not rows:
            return
        if not self._is_whole:
            self._prepare(connection.dialect)
            connection.exec_driver_sql(self._text, [self._ordered(row) for row in rows])
            return
        values = _arrays(self.table, self._types, rows)
        sheaf: _Sheaf | None = connection.info.get(_GATHERED)
        if sheaf is None:
            connection.execute(self.statement, values)
        else:
            sheaf.add(self, values)

    def _prepare(self, dialect: Dialect) -> None:
        if self._text:
            return
        compiled = self.statement.compile(dialect=dialect)
        taken = {
            f"given_{name}": _taking(place, each.dialect_impl(dialect).bind_processor(dialect))
            for place, (name, each) in enumerate(self._types.items())
        }
        self._take = [taken.get(name) or _constant(compiled.params[name]) for name in compiled.positiontup]
        self._text = str(compiled)

    def _ordered(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple([take(row) for take in self._take])


def _taking(place: int, process: Callable[[Any], Any] | None) -> Callable[[tuple[Any, ...]], Any]:
    return itemgetter(place) if process is None else lambda row: process(row[place])


def _constant(value: Any) -> Callable[[tuple[Any, ...]], Any]:
    return lambda _: value


_GATHERED = "gathered"


@contextmanager
def gathered(connection: Connection) -> Iterator[None]:
    """Bulk statements within go to PostgreSQL as one. None of them sees what another one did, so they are of one table
    each; whoever reads, or writes otherwise, what was gathered calls `flush` before.
    """
    info = connection.info  # not to be asked for again after a connection was lost
    sheaf = info[_GATHERED] = _Sheaf(connection)
    try:
        yield
        sheaf.flush()
    finally:
        del info[_GATHERED]


def flush(connection: Connection) -> None:
    """Carry out what was gathered until now."""
    sheaf: _Sheaf | None = connection.info.get(_GATHERED)
    if sheaf is not None:
        sheaf.flush()


def run_last(connection: Connection, statement: Select[Any], values: Mapping[str, Any], of: Collection[Table]) -> Any:
    """Carry out a statement that writes to the tables `of`, together with all that was gathered. Returns its rows."""
    sheaf: _Sheaf | None = connection.info.get(_GATHERED)
    return connection.execute(statement, values) if sheaf is None else sheaf.run_last(statement, values, of)


class _Sheaf:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._bulks: dict[Table, Bulk] = {}
        self._values: dict[str, list[Any]] = {}

    def add(self, bulk: Bulk, values: dict[str, list[Any]]) -> None:
        # Within one statement a row may be changed only once.
        if bulk.table in self._bulks:
            self.flush()
        self._bulks[bulk.table] = bulk
        self._values |= values

    def flush(self) -> None:
        if self._bulks:
            (first, *others), values = self._emptied()
            self._connection.execute(_together(first.statement, tuple(others)), values)

    def run_last(self, statement: Select[Any], values: Mapping[str, Any], of: Collection[Table]) -> Any:
        if any(table in self._bulks for table in of):
            self.flush()
        bulks, gathered_values = self._emptied()
        return self._connection.execute(_together(statement, bulks), gathered_values | dict(values))

    def _emptied(self) -> tuple[tuple[Bulk, ...], dict[str, list[Any]]]:
        bulks, self._bulks = tuple(self._bulks.values()), {}
        values, self._values = self._values, {}
        return bulks, values


@lru_cache(maxsize=256)
def _together(statement: Any, bulks: tuple[Bulk, ...]) -> Any:
    return statement.add_cte(*(each.statement.cte(f"{each.table.name}_written") for each in bulks))


def inserting(dialect: str, table: Table, names: Sequence[str], conflict: Callable[[Any], Any] | None = None) -> Bulk:
    """An INSERT of these columns; `conflict` adds to it what a known key does."""
    insert = upsert(dialect, table)
    said = insert if conflict is None else conflict(insert)

    def build(values: Values) -> Any:
        if dialect == "postgresql":
            return said.from_select(list(names), select(*values.values()))
        return said.values(dict(values))

    return Bulk(dialect, table, _types(table, names), build)


def insert_all(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert these rows, all with the same columns; nothing where there are none."""
    if rows:
        insert = _plain_insert(connection.dialect.name, table, tuple(rows[0]))
        insert.run(connection, [tuple(row.values()) for row in rows])


@cache
def _plain_insert(dialect: str, table: Table, names: tuple[str, ...]) -> Bulk:
    return inserting(dialect, table, names)


class BulkReturning:
    """An INSERT of many rows that tells of those which went in."""

    def __init__(
        self, dialect: str, table: Table, names: Sequence[str], conflict: Callable[[Any], Any], returning: Sequence[str]
    ) -> None:
        """`conflict` adds what a known key does; `returning` are the columns that are told."""
        self._table = table
        self._types = _types(table, names)
        self._is_array = dialect == "postgresql"
        rows = select(*_unnested(table, self._types).values()) if self._is_array else _from_json(self._types)
        insert = conflict(upsert(dialect, table)).from_select(list(names), rows)
        self.statement = insert.returning(*(table.c[name] for name in returning))

    def run(self, connection: Connection, rows: Rows) -> Sequence[Row[Any]]:
        """The columns asked for, of the rows that were inserted."""
        return connection.execute(self.statement, self.values(connection, rows)).all()

    def values(self, connection: Connection, rows: Rows) -> dict[str, Any]:
        """The statement's parameters for these rows."""
        if self._is_array:
            return _arrays(self._table, self._types, rows)
        dialect = connection.dialect
        processors = [each.dialect_impl(dialect).bind_processor(dialect) for each in self._types.values()]
        given = [
            [value if process is None else process(value) for value, process in zip(row, processors, strict=True)]
            for row in rows
        ]
        return {"rows": msgspec.json.encode(given).decode()}


def replacing(keys: Sequence[str], names: Sequence[str]) -> Callable[[Any], Any]:
    """A known key takes these columns of the new row."""

    def conflict(insert: Any) -> Any:
        taken = {name: insert.excluded[name] for name in names}
        return insert.on_conflict_do_update(index_elements=list(keys), set_=taken)

    return conflict


def ignoring(insert: Any) -> Any:
    """What is known stays as it is."""
    return insert.on_conflict_do_nothing()


def _types(table: Table, names: Sequence[str]) -> dict[str, TypeEngine[Any]]:
    return {name: table.c[name].type for name in names}


def _bound(types: Mapping[str, TypeEngine[Any]]) -> Values:
    return {name: bindparam(f"given_{name}", type_=each) for name, each in types.items()}


def _unnested(table: Table, types: Mapping[str, TypeEngine[Any]]) -> Values:
    # An array of JSON would be read item by item, so JSON travels as text.
    carried = {name: Text() if isinstance(each, JSON) else each for name, each in types.items()}
    arrays = [
        bindparam(f"{table.name}__{name}", type_=postgresql.ARRAY(each, dimensions=1)) for name, each in carried.items()
    ]
    given = func.unnest(*arrays).table_valued(*(column(name, each) for name, each in carried.items()), name="given")
    values = given.render_derived().c
    return {name: cast(values[name], each) if isinstance(each, JSON) else values[name] for name, each in types.items()}


def _from_json(types: Mapping[str, TypeEngine[Any]]) -> Select[Any]:
    given = func.json_each(bindparam("rows", type_=Text())).table_valued("value")
    values = [
        type_coerce(func.json_extract(given.c.value, f"$[{place}]"), each) for place, each in enumerate(types.values())
    ]
    # Without a WHERE, SQLite would read ON CONFLICT as the ON of a join.
    return select(*values).where(true())


def _arrays(table: Table, types: Mapping[str, TypeEngine[Any]], rows: Rows) -> dict[str, list[Any]]:
    return {
        f"{table.name}__{name}": [_dumped(value) for value in of_all] if isinstance(each, JSON) else list(of_all)
        for (name, each), of_all in zip(types.items(), zip(*rows, strict=True), strict=True)
    }


def _dumped(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
