"""A register that is lost and comes back: every row as the database holds it, and a machine with nothing on it."""

from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection

from vetting.management.backing_up import tables


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, as stored: encrypted columns encrypted."""
    found = {}
    with connection.cursor() as cursor:
        for model in tables():
            cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY {model._meta.pk.column}")  # noqa: S608  # our own names
            found[model._meta.label] = cursor.fetchall()
    return found


def everything_is_lost() -> None:
    """As on a new machine: the tables are there, and nothing is in them."""
    connection.check_constraints()
    every_table = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    with connection.cursor() as cursor:
        for statement in connection.ops.sql_flush(no_style(), every_table, reset_sequences=True, allow_cascade=True):
            cursor.execute(statement)
