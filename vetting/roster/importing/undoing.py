"""What the register was before a list, and putting it back as long as nothing later builds on it."""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from django.db import connection
from django.db.models import ForeignObjectRel, Model

from vetting.roster.importing import bulk
from vetting.roster.models import Basis, Person, PersonAddress, Pupil, Restriction, RosterImport

# Rows that point at others come first: in this order they can go.
_MODELS: tuple[type[Model], ...] = (Restriction, Basis, PersonAddress, Person, Pupil)
_BY_NAME = {model.__name__: model for model in _MODELS}
# What the register itself thinks of somebody is thought anew; everything else that names them is somebody's work.
_OPINIONS = frozenset({"match", "queueitem"})
Values = Mapping[str, Any]


@dataclass
class Journal:
    """The rows a list made (as ranges of keys), and what it changed: {key: (before, after)}."""

    new: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    old: dict[str, dict[int, tuple[dict[str, Any], dict[str, Any]]]] = field(default_factory=dict)

    def made(self, model: type[Model], keys: Iterable[int]) -> None:
        ranges = self.new.setdefault(model.__name__, [])
        if isinstance(keys, range):
            if keys:
                ranges.append((keys[0], keys[-1]))
            return
        for key in sorted(keys):
            if ranges and ranges[-1][1] == key - 1:
                ranges[-1] = (ranges[-1][0], key)
            else:
                ranges.append((key, key))

    def changed(self, model: type[Model], before: Mapping[int, Values], after: Mapping[int, Values]) -> None:
        rows = self.old.setdefault(model.__name__, {})
        for pk, values in after.items():
            was, now = rows.get(pk, ({}, {}))
            rows[pk] = ({**{name: before[pk][name] for name in values}, **was}, {**now, **values})

    @property
    def is_empty(self) -> bool:
        return not any(self.new.values()) and not any(self.old.values())

    def packed(self) -> bytes:
        return zlib.compress(json.dumps([self.new, self.old], default=_as_text).encode(), 6)

    @classmethod
    def unpacked(cls, packed: bytes) -> "Journal":
        new, old = json.loads(zlib.decompress(packed))
        made = {name: [(first, last) for first, last in ranges] for name, ranges in new.items()}
        changed = {name: {int(pk): (before, after) for pk, (before, after) in rows.items()} for name, rows in old.items()}
        return cls(made, changed)

    def keys(self, model: type[Model]) -> Iterator[int]:
        for first, last in self.new.get(model.__name__, ()):
            yield from range(first, last + 1)


def _as_text(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a journal.")


def marks_that_go(journal: Journal, *, by_the_lead: bool) -> list[Restriction]:
    """The marks that a list placed and that go with it: all by the lead's hand, else only those on people who go themselves."""
    chunks = bulk.in_chunks(journal.keys(Restriction))
    marks = [mark for chunk in chunks for mark in Restriction.objects.filter(pk__in=chunk).select_related("person").order_by("pk")]
    if by_the_lead or not marks:
        return marks
    going = set(journal.keys(Person)) - _named_elsewhere(journal, opinions=True)
    return [mark for mark in marks if mark.person_id in going]


def what_builds_on(journal: Journal, roster_import: RosterImport) -> str:
    """Why a list can no longer be rolled back; empty when it can."""
    if touched := _changed_since(journal):
        return f"{touched} of the entries it changed have been changed again since."
    if corrected := _worked_on(journal, roster_import):
        return f"{corrected} of the people, addresses, reasons or marks it added have been corrected or ended since."
    if named := len(_named_elsewhere(journal, opinions=False)):
        people = "person or child" if named == 1 else "people or children"
        return f"the school has worked with {named} {people} it added: verified, decided, linked or wrote about them."
    return ""


def restore(journal: Journal, *, without: Iterable[Restriction]) -> None:
    """Put back what was, inside the transaction of the caller. Who is still thought of elsewhere stays, without any reason to follow.

    Args:
        without: the marks that go; the others stay where they are, and one for a child who goes with the list is for all children then.
    """
    staying = _named_elsewhere(journal, opinions=True)
    marks = set(journal.keys(Restriction)) - {mark.pk for mark in without}
    for span in journal.new.get("Pupil", ()):
        Restriction.objects.filter(pk__in=marks, pupil__pk__range=span).update(pupil=None)
    for model in _MODELS:
        keep = staying if model is Person else marks if model is Restriction else set()
        for first, last in journal.new.get(model.__name__, ()):
            _delete(model, first, last, [key for key in sorted(keep) if first <= key <= last])
    for key in staying:
        Person.objects.filter(pk=key).update(source_id="")
    for model in _MODELS:
        before = {pk: _values(model, was) for pk, (was, _) in journal.old.get(model.__name__, {}).items()}
        bulk.update(model, {pk: {"source_id": ""} for pk, values in before.items() if values.get("source_id")})
        bulk.update(model, before)


def _delete(model: type[Model], first: int, last: int, but: list[int]) -> None:
    table = connection.ops.quote_name(model._meta.db_table)
    with connection.cursor() as cursor:
        for begin, end in _gaps(first, last, but):
            # The table is our own model's; the keys are parameters.
            cursor.execute(f"DELETE FROM {table} WHERE id BETWEEN %s AND %s", [begin, end])  # noqa: S608  # our own names


def _gaps(first: int, last: int, but: list[int]) -> Iterator[tuple[int, int]]:
    for key in but:
        if first < key:
            yield first, key - 1
        first = key + 1
    if first <= last:
        yield first, last


def _values(model: type[Model], texts: Values) -> dict[str, Any]:
    fields = {name: bulk.field_of(model, name) for name in texts}
    return {name: value if value is None or fields[name].is_relation else fields[name].to_python(value) for name, value in texts.items()}


def _changed_since(journal: Journal) -> int:
    count = 0
    for name, rows in journal.old.items():
        model = _BY_NAME[name]
        names = sorted({column for _, after in rows.values() for column in after})
        columns = [bulk.field_of(model, column).attname for column in names]
        for chunk in bulk.in_chunks(rows):
            found = {
                pk: dict(zip(names, values, strict=True))
                for pk, *values in model._default_manager.filter(pk__in=chunk).values_list("pk", *columns)
            }
            count += sum(1 for pk in chunk if pk not in found or _differs(model, found[pk], rows[pk][1]))
    return count


def _differs(model: type[Model], now: Values, then: Values) -> bool:
    return any(now[name] != value for name, value in _values(model, then).items())


def _worked_on(journal: Journal, roster_import: RosterImport) -> int:
    reasons = Basis.objects.filter(roster_import=roster_import, ended_at__isnull=False).exclude(ended_by_import=roster_import)
    count = sum(reasons.filter(pk__range=span).count() for span in journal.new.get("Basis", ()))
    over = PersonAddress.objects.filter(until__isnull=False)
    count += sum(over.filter(pk__range=span).count() for span in journal.new.get("PersonAddress", ()))
    told = Person.objects.exclude(do_not_contact=False, previous_family="")
    count += sum(told.filter(pk__range=span).count() for span in journal.new.get("Person", ()))
    lifted = Restriction.objects.filter(lifted_at__isnull=False)
    return count + sum(lifted.filter(pk__range=span).count() for span in journal.new.get("Restriction", ()))


def _named_elsewhere(journal: Journal, *, opinions: bool) -> set[int]:
    """People (and, where work is looked for, children) of a list whom rows of another origin name."""
    named: set[int] = set()
    for model in (Person,) if opinions else (Person, Pupil):
        for relation in cast(Iterable[ForeignObjectRel], model._meta.related_objects):
            other = relation.related_model
            if not isinstance(other, type) or ((other._meta.model_name in _OPINIONS) is not opinions):
                continue
            column = relation.field.name
            own = journal.new.get(other.__name__, ()) if other in _MODELS else ()
            for span in journal.new.get(model.__name__, ()):
                rows = other._default_manager.filter(**{f"{column}__pk__range": span})
                for first, last in own:
                    rows = rows.exclude(pk__range=(first, last))
                named |= set(rows.values_list(f"{column}_id", flat=True))
    return named
