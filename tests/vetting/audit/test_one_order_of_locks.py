"""On PostgreSQL the record's head and the school's row are held until the end of a transaction: everybody takes the head first."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import given
from tests.given_intake import an_email
from tests.given_roster import a_parent
from vetting.concerns.models import Concern
from vetting.concerns.operations import raise_concern
from vetting.retention.operations import erase_due
from vetting.roster.operations import mark_as_left
from vetting.school.models import School
from vetting.school.operations import set_policy
from vetting.twitter.operations import paste_followers, paste_requests

pytestmark = pytest.mark.django_db
MONDAY = given.MONDAY
Deed = Callable[[], object]


def _paste(school: School) -> Deed:
    account, priya = given.an_account(school), given.priya(school)
    return lambda: paste_requests(school_account=account, text="@danahill", by=priya, at=MONDAY)


def _paste_followers(school: School) -> Deed:
    account, priya = given.an_account(school), given.priya(school)
    return lambda: paste_followers(school_account=account, text="@danahill", by=priya, at=MONDAY)


def _forget(school: School) -> Deed:
    an_email(school)
    return lambda: erase_due(school=school, at=MONDAY + timedelta(days=90))


def _leave(school: School) -> Deed:
    dana = a_parent(school)
    return lambda: mark_as_left(person=dana, on=MONDAY.date(), by=None, at=MONDAY)


def _worry(school: School) -> Deed:
    dana, priya = a_parent(school), given.priya(school)
    return lambda: raise_concern(school=school, category=Concern.Category.CONTACT, words="Odd.", by=priya, at=MONDAY, person=dana)


def _set_a_rule(school: School) -> Deed:
    return lambda: set_policy(school=school, key="two_people", value=True, by=None, at=MONDAY)


@pytest.mark.parametrize("scene", [_paste, _paste_followers, _forget, _leave, _worry, _set_a_rule])
def test_what_is_recorded_is_recorded_before_the_facts_are_marked_as_new(scene: Callable[[School], Deed]) -> None:
    deed = scene(given.a_school())
    with CaptureQueriesContext(connection) as asked:
        deed()
    wrote = [query["sql"] for query in asked.captured_queries if query["sql"].startswith("UPDATE")]
    head = next(place for place, sql in enumerate(wrote) if "vetting_audithead" in sql)
    marked = next(place for place, sql in enumerate(wrote) if "facts_version" in sql)
    assert head < marked
