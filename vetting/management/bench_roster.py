"""How fast a list of families is loaded: ours beside django-import-export, on the same file and into the same tables."""

import csv
import importlib
import io
import itertools
import random
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from vetting.management.benches import Bench, NotHere, Way
from vetting.roster.models import Basis, Person, PersonAddress, Pupil, RosterImport
from vetting.roster.operations import load_list
from vetting.school.models import School
from vetting.school.operations import create_school
from vetting.values import MailAddress

HEADINGS = (
    "Pupil ID,UPN,Legal Forename,Legal Surname,Year Group,Reg Group,DOB,Contact ID,Relationship,Priority,Parental Responsibility,"
    "Court Order,Lives With Pupil,Salutation,Contact Title,Contact Forename,Contact Surname,Primary Email,Mobile"
)
TIMES_AS_FAST = 20
AT = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
_SYLLABLES = (
    "an",
    "bel",
    "cor",
    "dan",
    "el",
    "fin",
    "gar",
    "hal",
    "is",
    "jo",
    "kel",
    "lor",
    "mor",
    "nel",
    "os",
    "per",
    "ral",
    "sim",
    "tor",
    "wen",
)


def a_list(rows: int, *, seed: int = 5) -> bytes:
    """A made-up export of so many rows: families of one to three children and one or two adults, the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311  # a list for a bench is no secret
    held = io.StringIO(newline="")
    writer = csv.writer(held)
    held.write(HEADINGS + "\r\n")
    lines = _families(chance)
    for _ in range(rows):
        writer.writerow(next(lines))
    return b"\xef\xbb\xbf" + held.getvalue().encode()


def _families(chance: random.Random) -> Iterator[list[str]]:
    pupil = contact = 0
    while True:
        surname = _name(chance, 3)
        children = []
        for _ in range(chance.choice((1, 1, 1, 2, 2, 3))):
            pupil += 1
            year = chance.randrange(1, 12)
            day = f"{chance.randrange(1, 28):02}/{chance.randrange(1, 13):02}/{2022 - year}"
            children.append([f"P{pupil:07}", f"Z{pupil:012}", _name(chance, 2), surname, f"Year {year}", f"{year}W", day])
        for priority in range(1, chance.choice((1, 2, 2)) + 1):
            contact += 1
            given = _name(chance, 2)
            mail = f"{given}.{surname}{contact}@example.test".lower()
            adult = [f"C{contact:07}", ("Mother", "Father")[priority - 1], str(priority), "Yes", "No", "Yes", f"M {surname}", "M"]
            for child in children:
                yield [*child, *adult, given, surname, mail, f"07700 {contact:06}"]


def _name(chance: random.Random, syllables: int) -> str:
    return "".join(chance.choice(_SYLLABLES) for _ in range(syllables)).capitalize()


def loading(rows: int, *, theirs_of: int) -> Bench:
    """A list of so many rows into an empty school: read, compared, checked and committed with what can roll it back.

    The other loads only the first rows of the same file, because it takes so long over each; its time a row does not fall with more.

    Raises NotHere without django-import-export, which nothing else here needs.
    """
    try:
        resources = importlib.import_module("import_export.resources")
        tablib = importlib.import_module("tablib")
    except ModuleNotFoundError as absent:
        raise NotHere("django-import-export is not installed here; it is only needed to compare with.") from absent
    contents, numbers = a_list(rows), itertools.count(1)
    text = "".join(contents.decode("utf-8-sig").splitlines(keepends=True)[: theirs_of + 1])
    times = rows // theirs_of

    def school() -> School:
        return create_school(slug=f"bench-list-{next(numbers)}", name="Bench", at=AT)

    def theirs() -> None:
        """As its guide shows it: one resource, defaults, what a row points at looked up or made before it."""
        here = school()
        _resource(resources, here)().import_data(tablib.Dataset().load(text, format="csv"), dry_run=False, raise_errors=True)
        _expect(here, theirs_of)

    def ours() -> None:
        here = school()
        load_list(school=here, file_name="list.csv", contents=contents, by=None, at=AT, apply=True, kind=RosterImport.Kind.COMPLETE)
        _expect(here, rows)

    return Bench(
        f"roster: load {rows:,} rows",
        Way(f"django-import-export with {theirs_of:,} of them", theirs),
        Way("ours with all", ours),
        times / TIMES_AS_FAST,
        f"{times} times the rows in at most {times / TIMES_AS_FAST:g} times the time: at least {TIMES_AS_FAST} times as many rows a second",
        most_rounds=3,
    )


def _expect(school: School, rows: int) -> None:
    found = Basis.objects.filter(person__school=school).count()
    if found != rows:
        raise RuntimeError(f"{found} of {rows} rows were loaded.")


def _resource(resources: Any, school: School) -> Any:
    class Families(resources.ModelResource):  # type: ignore[misc]  # a class of a package that is not always here
        class Meta:
            model = Basis
            fields = ("person", "pupil", "kind", "relationship", "starts_on")
            import_id_fields = ("person", "pupil")

        def before_import(self, dataset: Any, **kwargs: Any) -> None:
            for column in self._meta.fields:
                dataset.append_col([""] * len(dataset), header=column)

        def before_import_row(self, row: dict[str, Any], **kwargs: Any) -> None:
            pupil, _ = Pupil.objects.get_or_create(
                school=school,
                source_id=row["Pupil ID"],
                defaults={
                    "given": row["Legal Forename"],
                    "family": row["Legal Surname"],
                    "year": row["Year Group"],
                    "class_name": row["Reg Group"],
                },
            )
            person, _ = Person.objects.get_or_create(
                school=school,
                source_id=row["Contact ID"],
                defaults={
                    "title": row["Contact Title"],
                    "given": row["Contact Forename"],
                    "family": row["Contact Surname"],
                    "added_at": AT,
                },
            )
            mail = MailAddress.parse(row["Primary Email"])
            PersonAddress.objects.get_or_create(
                school=school, person=person, address=mail.value, defaults={"mailbox": mail.mailbox, "since": AT}
            )
            row |= {"person": person.pk, "pupil": pupil.pk, "kind": Basis.Kind.PARENT_OR_CARER.value}
            row |= {"relationship": row["Relationship"], "starts_on": AT.date().isoformat()}

    return Families
