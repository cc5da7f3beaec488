"""What every page's frame needs: navigation with counts, alarms, the account's state, the next check. Read only when a template asks."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.timezone import localdate

from vetting.concerns.queries import how_many_open
from vetting.dashboard import words
from vetting.dashboard.permissions import DECIDING, EVERY_ROLE, FAMILY_DATA, RECORD
from vetting.dashboard.views.signing_in import CAST, Part, offers_demo_sign_in
from vetting.decisions.queries import Counts, counts
from vetting.reporting import queries as reporting
from vetting.school.models import Alarm, Policy, Role, School
from vetting.school.queries import open_alarms, pause_of_removals
from vetting.twitter.models import Connection
from vetting.twitter.queries import public_in_words


@dataclass(frozen=True)
class Place:
    """One entry of the navigation."""

    name: str
    word: str
    icon: str
    address: str
    count: int = 0
    current: bool = False


@dataclass(frozen=True)
class _Entry:
    name: str
    word: str
    roles: tuple[Role, ...]
    under_more: bool = False


NAVIGATION = (
    _Entry("today", "Today", EVERY_ROLE),
    _Entry("requests", "Requests", DECIDING),
    _Entry("todo", "To do", DECIDING),
    _Entry("leavers", "Leavers", DECIDING),
    _Entry("people", "People", FAMILY_DATA),
    _Entry("followers", "Followers", FAMILY_DATA, under_more=True),
    _Entry("emails", "E-mails", FAMILY_DATA, under_more=True),
    _Entry("imports", "Import", (Role.OFFICE, Role.ADMIN, Role.LEAD, Role.DATA_LEAD), under_more=True),
    _Entry("concerns", "Concerns", (Role.LEAD,), under_more=True),
    _Entry("audit", "Audit", RECORD, under_more=True),
    _Entry("settings", "Settings", (Role.ADMIN, Role.OFFICE, Role.TECHNICIAN, Role.DATA_LEAD), under_more=True),
    _Entry("help", "Help", EVERY_ROLE, under_more=True),
)


class Chrome:
    """The frame of one page. Each part is worked out at most once, and not at all where a template does not show it."""

    def __init__(self, request: Any) -> None:
        self._request = request
        self.school: School | None = getattr(request, "school", None)
        self.roles: frozenset[Role] = getattr(request, "roles", frozenset())
        self.schools: list[School] = getattr(request, "schools", [])
        self.product, self.strapline, self.platform = words.PRODUCT, words.STRAPLINE, words.PLATFORM
        self.is_demo = bool(settings.DEMO)

    @property
    def theme(self) -> str:
        user = getattr(self._request, "user", None)
        return user.theme if user is not None and user.is_authenticated else "system"

    @property
    def role_words(self) -> str:
        return ", ".join(role.label for role in Role if role in self.roles)

    @cached_property
    def demo_cast(self) -> tuple[Part, ...]:
        """Who a visitor of the demo may be; empty wherever one-click sign-in is refused."""
        return CAST if offers_demo_sign_in(self._request) else ()

    @cached_property
    def main(self) -> list[Place]:
        return [place for entry in NAVIGATION if not entry.under_more and (place := self._place(entry))]

    @cached_property
    def more(self) -> list[Place]:
        return [place for entry in NAVIGATION if entry.under_more and (place := self._place(entry))]

    @cached_property
    def alarms(self) -> list[Alarm]:
        return open_alarms(self.school) if self.school else []

    @cached_property
    def pause(self) -> Policy | None:
        """The pause of all removals, wherever removals are shown."""
        return pause_of_removals(self.school) if self.school else None

    @cached_property
    def account(self) -> reporting.AccountState | None:
        return reporting.account_state(self.school) if self.school else None

    @cached_property
    def public_words(self) -> str:
        """One line where the school's account is public on purpose; empty otherwise."""
        return public_in_words(self.account.account) if self.account else ""

    @cached_property
    def practice_pages(self) -> str:
        """Where the demo's practice Twitter and practice phone stand; empty outside the demo."""
        if self.school is None or not self.school.is_demo:
            return ""
        connection = Connection.objects.filter(school_account__school=self.school).first()
        return connection.pages_url if connection is not None else ""

    @cached_property
    def counts(self) -> Counts | None:
        """How many stand where, in this school. Only templates behind a school may ask."""
        return counts(self.school, localdate()) if self.school else None

    def _place(self, entry: _Entry) -> Place | None:
        if not self.roles & frozenset(entry.roles):
            return None
        address = reverse(entry.name)
        return Place(entry.name, entry.word, entry.name, address, self._count(entry.name), self._is_current(address))

    def _count(self, name: str) -> int:
        if name == "concerns" and self.school is not None:
            return how_many_open(self.school)
        if name not in ("requests", "todo", "leavers") or self.counts is None:
            return 0
        return {"requests": self.counts.requests, "todo": self.counts.to_do, "leavers": self.counts.removals}[name]

    def _is_current(self, address: str) -> bool:
        path = self._request.path
        return bool(path == address if address == "/" else path.startswith(address))


def chrome(request: HttpRequest) -> dict[str, Any]:
    return {"chrome": Chrome(request)}
