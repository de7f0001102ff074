"""What the two databases say differently, said once.

A statement is built once per dialect and kept, so that a call costs no more than binding its values.
"""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    any_,
    bindparam,
    column,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.dialects import postgresql, sqlite

Insert = postgresql.Insert | sqlite.Insert


def among(
    dialect: str, wanted: Column[Any] | ColumnElement[Any], name: str, *, numbers: bool = False
) -> ColumnElement[bool]:
    """`wanted` is one of the values bound to `name` (see `listed`): one parameter, whatever their number."""
    if dialect == "postgresql":
        of = BigInteger() if numbers else Text()
        return wanted == any_(bindparam(name, type_=postgresql.ARRAY(of)))
    values = func.json_each(bindparam(name)).table_valued(column("value"))
    return wanted.in_(select(values.c.value))


def among_or(dialect: str, wanted: Column[Any], name: str, more: Select[Any]) -> ColumnElement[bool]:
    """`wanted` is one of the numbers bound to `name`, or of what `more` selects: one search in the index for both."""
    if dialect == "postgresql":
        bound = bindparam(name, type_=postgresql.ARRAY(BigInteger()))
        return wanted == any_(func.array_cat(bound, func.array(more.scalar_subquery())))
    values = func.json_each(bindparam(name)).table_valued(column("value"))
    return wanted.in_(union_all(select(values.c.value), more))


def listed(connection: Connection, values: Collection[str] | Collection[int]) -> Any:
    """The values as the one parameter that `among` expects."""
    return list(values) if connection.dialect.name == "postgresql" else json.dumps(list(values))


def chosen(dialect: str, wanted: Column[Any], choice: Select[Any]) -> ColumnElement[bool]:
    """`wanted` is one of the locked rows of `choice`, which is evaluated once and keeps its LIMIT."""
    if dialect == "postgresql":
        return wanted == any_(func.array(choice.with_for_update(skip_locked=True).scalar_subquery()))
    return wanted.in_(choice)


def constant(value: str) -> ColumnElement[str]:
    """A word of ours, written into the statement: a parameter never proves that a partial index holds the rows."""
    return literal_column(f"'{value}'", Text)


def upsert(dialect: str, table: Table) -> Any:
    """An INSERT that can say what a conflict does."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
