"""The cast and the scenes, built through the product's own operations.

Times are explicit: a scene starts on Monday 9 November 2026 at nine and moves when the test says so.
"""

from datetime import UTC, datetime

from accounts.models import User
from vetting.school.models import Role, School, SchoolAccount
from vetting.school.operations import accept_invitation, add_school_account, create_school, invite
from vetting.values import Handle

MONDAY = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
PASSWORD = "a long enough pass phrase"


def a_school(*, name: str = "St Example Primary", slug: str = "st-example") -> School:
    return create_school(slug=slug, name=name, at=MONDAY)


def an_account(school: School, handle: str = "stexample") -> SchoolAccount:
    return add_school_account(school=school, handle=Handle.parse(handle))


def a_colleague(school: School, name: str, *roles: Role, email: str | None = None) -> User:
    """Somebody who joined by an invitation link."""
    address = email or f"{name.lower().replace(' ', '.')}@{school.slug}.test"
    token = invite(school=school, roles=roles, by=None, at=MONDAY, email=address, name=name)
    return accept_invitation(token=token, name=name, email=address, password=PASSWORD, at=MONDAY)


def priya(school: School) -> User:
    return a_colleague(school, "Priya", Role.OFFICE)


def mr_okafor(school: School) -> User:
    return a_colleague(school, "Mr Okafor", Role.ADMIN)


def mrs_lane(school: School) -> User:
    return a_colleague(school, "Mrs Lane", Role.ADMIN)


def ms_reid(school: School) -> User:
    return a_colleague(school, "Ms Reid", Role.LEAD)
