"""Many rows in one statement: arrays on PostgreSQL, the driver's own loop on SQLite.

SQLAlchemy's executemany makes a dictionary of parameters for every row, and PostgreSQL answers every one by itself;
both cost more than the rows do. Here a row is a tuple, and a statement is built once.
"""

from collections.abc import Callable, Mapping, Sequence
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
    """A statement that is carried out for many rows."""

    def __init__(self, dialect: str, types: Mapping[str, TypeEngine[Any]], build: Callable[[Values], Any]) -> None:
        """`types` names a row's values, in order; `build` makes an UPDATE of one row out of them."""
        self._types = types
        self._is_whole = dialect == "postgresql"
        self._statement = build(_unnested(types) if self._is_whole else _bound(types))
        self._text = ""
        self._take: list[Callable[[tuple[Any, ...]], Any]] = []

    def run(self, connection: Connection, rows: Rows) -> None:
        """Carry it out; nothing where there are no rows."""
        if not rows:
            return
        if self._is_whole:
            connection.execute(self._statement, _arrays(self._types, rows))
        else:
            self._prepare(connection.dialect)
            connection.exec_driver_sql(self._text, [self._ordered(row) for row in rows])

    def _prepare(self, dialect: Dialect) -> None:
        if self._text:
            return
        compiled = self._statement.compile(dialect=dialect)
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


def inserting(dialect: str, table: Table, names: Sequence[str], conflict: Callable[[Any], Any] | None = None) -> Bulk:
    """An INSERT of these columns; `conflict` adds to it what a known key does."""
    insert = upsert(dialect, table)
    said = insert if conflict is None else conflict(insert)

    def build(values: Values) -> Any:
        if dialect == "postgresql":
            return said.from_select(list(names), select(*values.values()))
        return said.values(dict(values))

    return Bulk(dialect, _types(table, names), build)


class BulkReturning:
    """An INSERT of many rows that tells of those which went in."""

    def __init__(
        self, dialect: str, table: Table, names: Sequence[str], conflict: Callable[[Any], Any], returning: Sequence[str]
    ) -> None:
        """`conflict` adds what a known key does; `returning` are the columns that are told."""
        self._types = _types(table, names)
        self._is_array = dialect == "postgresql"
        rows = select(*_unnested(self._types).values()) if self._is_array else _from_json(self._types)
        insert = conflict(upsert(dialect, table)).from_select(list(names), rows)
        self._statement = insert.returning(*(table.c[name] for name in returning))

    def run(self, connection: Connection, rows: Rows) -> Sequence[Row[Any]]:
        """The columns asked for, of the rows that were inserted."""
        if self._is_array:
            return connection.execute(self._statement, _arrays(self._types, rows)).all()
        processors = [
            each.dialect_impl(connection.dialect).bind_processor(connection.dialect) for each in self._types.values()
        ]
        given = [
            [value if process is None else process(value) for value, process in zip(row, processors, strict=True)]
            for row in rows
        ]
        return connection.execute(self._statement, {"rows": msgspec.json.encode(given).decode()}).all()


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


def _unnested(types: Mapping[str, TypeEngine[Any]]) -> Values:
    # An array of JSON would be read item by item, so JSON travels as text.
    carried = {name: Text() if isinstance(each, JSON) else each for name, each in types.items()}
    arrays = [bindparam(f"all_{name}", type_=postgresql.ARRAY(each, dimensions=1)) for name, each in carried.items()]
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


def _arrays(types: Mapping[str, TypeEngine[Any]], rows: Rows) -> dict[str, list[Any]]:
    return {
        f"all_{name}": [_dumped(value) for value in of_all] if isinstance(each, JSON) else list(of_all)
        for (name, each), of_all in zip(types.items(), zip(*rows, strict=True), strict=True)
    }


def _dumped(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()
