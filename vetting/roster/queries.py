"""Reading who belongs to the school. Asked by everyone above, at the moment of action."""

from datetime import date, datetime

from django.db.models import Max, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce, Lower

from vetting.roster.children import year_number
from vetting.roster.models import Basis, Person, PersonAddress, Pupil, Restriction, RosterImport
from vetting.school.models import School

PAGE = 50


def current_on(on: date) -> Q:
    """The condition of a Basis that holds on a day; the last day counts."""
    return Q(starts_on__lte=on) & (Q(ends_on=None) | Q(ends_on__gte=on))


def current_bases(person: Person, on: date) -> list[Basis]:
    """Why a person may follow on a day. An introduction holds only while the parent who made it has a reason of their own."""
    held = list(person.bases.filter(current_on(on)).select_related("pupil", "introduced_by").order_by("starts_on", "pk"))
    introducers = {basis.introduced_by_id for basis in held if basis.introduced_by_id is not None}
    standing = set(
        Basis.objects.filter(current_on(on), person_id__in=introducers)
        .exclude(kind=Basis.Kind.INTRODUCED_BY)
        .values_list("person_id", flat=True)
    )
    return [basis for basis in held if basis.kind != Basis.Kind.INTRODUCED_BY or basis.introduced_by_id in standing]


def has_current_basis(person: Person, on: date) -> bool:
    """Whether the person has a reason to follow on a day."""
    return bool(current_bases(person, on))


def describe(basis: Basis) -> str:
    """A reason in words: "mother of Noah Hill, Year 2", "governor"."""
    if basis.pupil is not None:
        who = (basis.relationship or "parent or carer").lower()
        return f"{who} of {basis.pupil.name}" + (f", {basis.pupil.year}" if basis.pupil.year else "")
    if basis.kind == Basis.Kind.INTRODUCED_BY and basis.introduced_by is not None:
        return f"introduced by {basis.introduced_by.name}"
    return basis.relationship or basis.get_kind_display().lower()


def open_restriction(person: Person) -> Restriction | None:
    """The oldest open mark on a person. Only its existence may show outside the safeguarding lead's pages."""
    return person.restrictions.filter(lifted_at=None).order_by("opened_at", "pk").first()


def restrictions_for_lead(school: School) -> list[Restriction]:
    """Every open mark with its reason: for the safeguarding lead's page alone."""
    return list(Restriction.objects.filter(school=school, lifted_at=None).select_related("person", "pupil").order_by("-opened_at", "-pk"))


def people(school: School, search: str = "", *, before: str = "", limit: int = PAGE) -> list[Person]:
    """Adults by surname, found by any part of a name, an address or a child's name; `before` is the reference to go on after.

    Each comes with `addresses` (current) and `bases` (with their children) loaded.
    """
    found = Person.objects.filter(school=school).annotate(sort_family=Lower("family"), sort_given=Lower("given"))
    for word in search.split():
        found = found.filter(
            Q(given__icontains=word)
            | Q(family__icontains=word)
            | Q(pk__in=PersonAddress.objects.filter(school=school, until=None, address__icontains=word).values("person_id"))
            | Q(pk__in=Basis.objects.filter(pupil__school=school).filter(_named(word)).values("person_id"))
        )
    last = found.filter(reference=before).values_list("sort_family", "sort_given", "pk").first() if before else None
    if last is not None:
        family, given, pk = last
        found = found.filter(
            Q(sort_family__gt=family) | Q(sort_family=family, sort_given__gt=given) | Q(sort_family=family, sort_given=given, pk__gt=pk)
        )
    return list(_with_details(found.order_by("sort_family", "sort_given", "pk"))[:limit])


def _named(word: str) -> Q:
    return Q(pupil__given__icontains=word) | Q(pupil__family__icontains=word) | Q(pupil__class_name__iexact=word)


def _with_details(found: QuerySet[Person]) -> QuerySet[Person]:
    return found.prefetch_related(
        Prefetch("addresses", PersonAddress.objects.filter(until=None).order_by("since", "pk")),
        Prefetch("bases", Basis.objects.select_related("pupil", "introduced_by").order_by("-starts_on", "-pk")),
    )


def count_people(school: School) -> int:
    return Person.objects.filter(school=school).count()


def person_by_reference(school: School, reference: str) -> Person | None:
    """One person of this school with addresses and reasons loaded; None where it is another school's."""
    return _with_details(Person.objects.filter(school=school, reference=reference)).first()


def pupils(school: School, *, on: date | None = None) -> list[Pupil]:
    """The children on the roster by year, class and name; with `on`, those who have not left before that day."""
    found = Pupil.objects.filter(school=school)
    if on is not None:
        found = found.filter(Q(left_on=None) | Q(left_on__gte=on))
    return sorted(found, key=lambda pupil: (_year_order(pupil.year), pupil.class_name, pupil.family.casefold(), pupil.given.casefold()))


def _year_order(year: str) -> tuple[bool, int, str]:
    number = year_number(year)
    return (number is None, number or 0, year)


def import_history(school: School, limit: int = 20) -> list[RosterImport]:
    """The lists that were checked, newest first: applied, stopped, thrown away or still waiting."""
    found = RosterImport.objects.filter(school=school).select_related("by", "applied_by").defer("kept_rows", "journal")
    return list(found.order_by("-uploaded_at", "-pk")[:limit])


def last_loaded_at(school: School) -> datetime | None:
    """When a list of families was last loaded and still counts, be it one that held nothing new; None where every family was typed."""
    loaded = RosterImport.objects.filter(school=school, applied_at__isnull=False, rolled_back_at=None)
    newest: datetime | None = loaded.aggregate(newest=Max(Coalesce("borne_out_at", "applied_at")))["newest"]
    return newest


def may_go_back(roster_import: RosterImport) -> bool:
    """Whether a loaded list still has what the register was before it; what stands in the way is said when somebody tries."""
    return roster_import.journal is not None and roster_import.rolled_back_at is None


def names_of_sources(school: School) -> list[str]:
    """What the school calls its exports, those used last first."""
    used = RosterImport.objects.filter(school=school, applied_at__isnull=False).exclude(source="").order_by("-applied_at")
    return list(dict.fromkeys(used.values_list("source", flat=True)[:100]))[:10]
