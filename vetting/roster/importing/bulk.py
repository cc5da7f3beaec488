"""Many rows at once, in a handful of statements: numbers reserved first, so that rows that point at one another are known beforehand.

PostgreSQL copies, SQLite inserts what was prepared once; both inside the transaction of whoever calls.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar, cast

from django.db import connection
from django.db.models import Field, Model

_CHUNK = 5000
_DAYS = frozenset({date, datetime})
Key = TypeVar("Key")


def reserve(model: type[Model], count: int) -> range | list[int]:
    """Primary keys nobody else will be given. On SQLite the transaction holds the whole file; PostgreSQL's sequence hands them out."""
    if not count:
        return range(0)
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
            return [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
        first = (found[0] if found else 0) + 1
    return range(first, first + count)


def insert(model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Rows of plain values in the order of the field names; times as `moment` gives them."""
    columns = ", ".join(_columns(model, names))
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        # Table and columns are our models' own names; every value is a parameter.
        statement = f"INSERT INTO {table} ({columns}) VALUES ({', '.join(['%s'] * len(names))})"  # noqa: S608  # our own names
        for chunk in _chunks(rows):
            cursor.executemany(statement, chunk)


def moment(at: datetime) -> Any:
    """A time as `insert` takes it: SQLite keeps text."""
    return at if connection.vendor == "postgresql" else connection.ops.adapt_datetimefield_value(at)


def update(model: type[Model], changes: dict[int, dict[str, Any]]) -> None:
    """Set columns of many rows, those with the same columns together."""
    by_columns: dict[tuple[str, ...], list[tuple[Any, ...]]] = {}
    for pk, values in changes.items():
        by_columns.setdefault(tuple(values), []).append((*values.values(), pk))
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        for names, rows in by_columns.items():
            sets = ", ".join(f"{column} = %s" for column in _columns(model, names))
            # As above: names are ours, values are parameters.
            statement = f"UPDATE {table} SET {sets} WHERE id = %s"  # noqa: S608  # our own names
            for chunk in _chunks(_adapted(rows)):
                cursor.executemany(statement, chunk)


def field_of(model: type[Model], name: str) -> "Field[Any, Any]":
    """A column of a model, by its field's name."""
    return cast("Field[Any, Any]", model._meta.get_field(name))


def _columns(model: type[Model], names: Iterable[str]) -> list[str]:
    return [connection.ops.quote_name(str(field_of(model, name).column)) for name in names]


def _adapted(rows: Iterable[Sequence[Any]]) -> Iterable[Sequence[Any]]:
    """Dates and times as this database keeps them."""
    if connection.vendor == "postgresql":
        return rows
    known: dict[date, Any] = {}
    return ([_plain(value, known) if type(value) in _DAYS else value for value in row] for row in rows)


def _plain(value: date, known: dict[date, Any]) -> Any:
    if value not in known:
        ops = connection.ops
        known[value] = ops.adapt_datetimefield_value(value) if isinstance(value, datetime) else ops.adapt_datefield_value(value)
    return known[value]


def _chunks(rows: Iterable[Sequence[Any]]) -> Iterator[list[Sequence[Any]]]:
    stream = iter(rows)
    while chunk := list(islice(stream, _CHUNK)):
        yield chunk


def in_chunks(keys: Iterable[Key], size: int = 500) -> Iterator[list[Key]]:
    """Keys for `IN (…)`, a few hundred at a time: databases limit how many one statement takes."""
    stream = iter(keys)
    while chunk := list(islice(stream, size)):
        yield chunk
