"""Two admins answer the same three hundred requests at the same moment: one wins each, the other is told."""

import threading

import pytest
from django.db import connection, connections

from tests import given
from tests.given_questions import LATER, a_profile, an_opinion, dana
from vetting.audit.queries import check_chain
from vetting.decisions.models import Decision, QueueItem, Verification
from vetting.decisions.operations import SomebodyWasFirst, decide, open_or_refresh_items, verify
from vetting.values import Level

HOW_MANY = 300


@pytest.mark.django_db(transaction=True)
@pytest.mark.postgres
def test_two_admins_deciding_the_same_300_items_make_300_decisions_and_300_polite_refusals() -> None:
    if connection.vendor != "postgresql":
        pytest.skip("Proves PostgreSQL's row locks; SQLite lets one writer in at a time by design. Set DATABASE_URL to run it.")
    school = given.a_school()
    account = given.an_account(school)
    priya, admins = given.priya(school), [given.mr_okafor(school), given.mrs_lane(school)]
    person = dana(school)
    for number in range(HOW_MANY):
        an_opinion(account, a_profile(account, f"parent{number}", 800000 + number), Level.STRONG, person)
    open_or_refresh_items(school=school, at=given.MONDAY)
    for item in QueueItem.objects.all():
        verify(item=item, seen_version=item.version, person=person, how=Verification.How.IN_PERSON, by=priya, at=given.MONDAY)
    seen = list(QueueItem.objects.order_by("pk").values_list("pk", "version"))
    refusals: list[str] = []
    failures: list[BaseException] = []
    start = threading.Barrier(2)

    def answer_all(admin: object) -> None:
        start.wait()
        try:
            for pk, version in seen:
                try:
                    decide(item=QueueItem(pk=pk), seen_version=version, outcome="APPROVE", by=admin, at=given.MONDAY + LATER)
                except SomebodyWasFirst as refusal:
                    refusals.append(refusal.sentence)
        except BaseException as error:
            failures.append(error)
            raise
        finally:
            connections.close_all()

    threads = [threading.Thread(target=answer_all, args=(admin,)) for admin in admins]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert (Decision.objects.count(), len(refusals)) == (HOW_MANY, HOW_MANY)
    assert all("Your decision was not saved" in sentence for sentence in refusals)
    assert check_chain(school_id=school.pk).whole
