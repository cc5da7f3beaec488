"""Reading a school's people, rules and calendar."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from vetting.school.limits import Limits
from vetting.school.models import Alarm, CalendarEntry, Job, Membership, Policy, Role, School, SchoolAccount
from vetting.school.policies import RULES


def schools_of(user: User) -> list[School]:
    """The schools a person belongs to now, by name."""
    return list(School.objects.filter(memberships__user=user, memberships__until=None).distinct().order_by("name"))


def roles_of(*, school: School, user: User) -> frozenset[Role]:
    """The roles somebody holds now."""
    rows = Membership.objects.filter(school=school, user=user, until=None).values_list("role", flat=True)
    return frozenset(Role(role) for role in rows)


def members(school: School) -> list[tuple[User, list[Role]]]:
    """Everybody with a role, by name, with their roles in the order of the list of roles."""
    held: dict[User, set[str]] = {}
    for membership in Membership.objects.filter(school=school, until=None).select_related("user").order_by("user__name", "user__pk"):
        held.setdefault(membership.user, set()).add(membership.role)
    return [(user, [role for role in Role if role.value in roles]) for user, roles in held.items()]


def first_account(school: School) -> SchoolAccount | None:
    """The school's own Twitter account; of several the oldest, which letters speak of."""
    return SchoolAccount.objects.filter(school=school).order_by("pk").first()


def policy(school: School, key: str) -> Any:
    """The value of a rule now: the newest row, else its default. Raises KeyError for a rule that is not in RULES."""
    default = RULES[key].default
    row = Policy.objects.filter(school=school, key=key).order_by("-at", "-pk").first()
    return default if row is None else row.value


def policies(school: School) -> dict[str, Any]:
    """Every rule's value now, in one query."""
    values = {key: rule.default for key, rule in RULES.items()}
    for row in Policy.objects.filter(school=school).order_by("at", "pk"):
        if row.key in values:
            values[row.key] = row.value
    return values


def pause_of_removals(school: School) -> Policy | None:
    """The pause of all removals that holds now: who set it, when and why. None while they may go on."""
    newest = Policy.objects.filter(school=school, key="removals_paused").select_related("by").order_by("-at", "-pk").first()
    return newest if newest is not None and newest.value else None


def open_alarms(school: School) -> list[Alarm]:
    return list(Alarm.objects.filter(school=school, cleared_at=None).order_by("raised_at"))


def running_jobs(school: School) -> list[Job]:
    """Long work going on now, the newest first."""
    return list(Job.objects.filter(school=school, ended_at=None).order_by("-made_at"))


def local_day(school: School, at: datetime) -> date:
    """The date on the school's wall at a moment."""
    return at.astimezone(ZoneInfo(school.time_zone)).date()


def is_only_admin(school: School, user: User) -> bool:
    """Whether nobody else is an admin of the school now."""
    return not Membership.objects.filter(school=school, role=Role.ADMIN, until=None).exclude(user=user).exists()


def limits_of(school: School) -> Limits:
    """The numbers at which a list of families or of leavers stops, from the school's policies."""
    rules = policies(school)
    return Limits(
        rules["unexpected_leavers_people"], rules["unexpected_leavers_percent"], rules["leaver_ceiling_percent"], rules["roster_days"]
    )


def terms_of(school: School) -> list[tuple[date, date]]:
    """The terms the school has entered, first and last days, in their order."""
    terms = CalendarEntry.objects.filter(school=school, kind=CalendarEntry.Kind.TERM)
    return list(terms.order_by("ends_on").values_list("starts_on", "ends_on"))


class Calendar:
    """A school's working days. Where no term is entered, every weekday counts."""

    def __init__(self, school: School) -> None:
        entries = list(CalendarEntry.objects.filter(school=school))
        self._school = school
        self._terms = [(e.starts_on, e.ends_on) for e in entries if e.kind == CalendarEntry.Kind.TERM]
        self._holidays = [(e.starts_on, e.ends_on) for e in entries if e.kind == CalendarEntry.Kind.HOLIDAY]

    def is_school_day(self, day: date) -> bool:
        if day.weekday() >= 5 or any(first <= day <= last for first, last in self._holidays):
            return False
        return not self._terms or any(first <= day <= last for first, last in self._terms)

    def school_days_between(self, since: datetime, until: datetime) -> int:
        """Whole school days begun after the day of `since`, up to the day of `until`; at most 400 are counted."""
        day, last, count = local_day(self._school, since), local_day(self._school, until), 0
        for _ in range(400):
            day += timedelta(days=1)
            if day > last:
                break
            count += self.is_school_day(day)
        return count


def calendar_entries(school: School) -> list[CalendarEntry]:
    """Terms and holidays, the latest first."""
    return list(CalendarEntry.objects.filter(school=school).order_by("-starts_on", "-pk"))
