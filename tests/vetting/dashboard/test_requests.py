"""Requests as each role sees it: what it shows, what it lets them do, and what it keeps from them."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests import given
from tests.at_the_screen import as_
from tests.given_questions import a_question, approved, dana, verified
from vetting.audit.models import AuditEvent
from vetting.concerns.models import Concern
from vetting.concerns.operations import raise_concern
from vetting.decisions.models import Decision, QueueItem, Verification
from vetting.decisions.operations import hold, open_or_refresh_items, release
from vetting.decisions.states import State
from vetting.intake.models import Claim
from vetting.intake.operations import parse_stored, receive_email
from vetting.roster.models import Person
from vetting.roster.operations import open_restriction
from vetting.school.models import Role, School, SchoolAccount
from vetting.school.operations import set_policy
from vetting.values import Level

pytestmark = pytest.mark.django_db
SECRET = "An order of the court says no contact"


@pytest.fixture
def school() -> School:
    return given.a_school()


@pytest.fixture
def account(school: School) -> SchoolAccount:
    return given.an_account(school)


def page(client: Client, item: QueueItem) -> str:
    answer = client.get(reverse("request", args=[item.reference]))
    assert answer.status_code == 200
    return answer.content.decode()


def send(client: Client, act: str, item: QueueItem, **data: object) -> object:
    return client.post(reverse(f"request_{act}", args=[item.reference]), {"seen_version": item.version, **data})


def now(item: QueueItem) -> QueueItem:
    return QueueItem.objects.get(pk=item.pk)


def test_the_office_verifies_the_best_match_and_lands_on_the_next_request(school: School, account: SchoolAccount) -> None:
    first, second = a_question(account), a_question(account, number=700002, handle="second", person=dana(school, "Sam Vale"))
    priya = given.priya(school)
    shown = page(as_(priya), first)
    assert "Verify" in shown
    assert "Approve" not in shown
    answer = send(as_(priya), "verify", first, person=first.person.reference, how="EMAIL", tab="ready")
    assert answer.status_code == 302
    assert second.reference in answer["Location"]
    assert now(first).state == State.TO_APPROVE
    assert Verification.objects.get(item=first).by == priya


def test_an_admin_approves_in_one_press_and_is_told_what_to_tap(school: School, account: SchoolAccount) -> None:
    item, okafor = verified(a_question(account), given.priya(school)), given.mr_okafor(school)
    client = as_(okafor)
    shown = page(client, item)
    assert "Verified" in shown
    assert "Priya" in shown
    answer = client.post(reverse("request_approve", args=[item.reference]), {"seen_version": item.version}, follow=True)
    assert now(item).state == State.BY_HAND
    assert "Now tap Accept for @danahill in Twitter" in answer.content.decode()


def test_somebody_with_both_roles_verifies_and_approves_in_one_press(school: School, account: SchoolAccount) -> None:
    item, sam = a_question(account), given.a_colleague(school, "Sam Patel", Role.OFFICE, Role.ADMIN)
    assert "Verify and approve" in page(as_(sam), item)
    send(as_(sam), "verify_and_approve", item, person=item.person.reference, how="EMAIL")
    assert now(item).state == State.BY_HAND
    assert Verification.objects.filter(item=item, by=sam).exists()
    assert Decision.objects.filter(item=item, by=sam).exists()


def test_who_was_first_is_said_and_the_second_answer_is_not_saved(school: School, account: SchoolAccount) -> None:
    item = verified(a_question(account), given.priya(school))
    lane, okafor = given.mrs_lane(school), given.mr_okafor(school)
    approved(item, lane)
    answer = send(as_(okafor), "decline", item, reason="Not known")
    assert answer.status_code == 409
    assert "Mrs Lane approved this" in answer.content.decode()
    assert "Your decision was not saved." in answer.content.decode()
    assert Decision.objects.get(item=item).by == lane


def test_a_decline_without_a_reason_is_asked_for_and_changes_nothing(school: School, account: SchoolAccount) -> None:
    item = a_question(account)
    answer = send(as_(given.mr_okafor(school)), "decline", item, reason="")
    assert answer.status_code == 422
    assert "Give a reason, for the file." in answer.content.decode()
    assert now(item).state == State.TO_VERIFY


@pytest.mark.parametrize(("name", "role"), [("Priya", Role.OFFICE), ("Mr Okafor", Role.ADMIN)])
def test_what_the_lead_holds_shows_one_sentence_to_everybody_else(school: School, account: SchoolAccount, name: str, role: Role) -> None:
    reid = given.ms_reid(school)
    item = a_question(account)
    open_restriction(person=item.person, reason=SECRET, by=reid, at=given.MONDAY)
    open_or_refresh_items(school=school, at=given.MONDAY)
    hidden = page(as_(given.a_colleague(school, name, role)), item)
    assert "This one needs the safeguarding lead." in hidden
    assert SECRET not in hidden
    assert "Dana Hill" not in hidden
    assert "The e-mail came from the address we hold." not in hidden
    open_to_her = page(as_(reid), item)
    assert SECRET in open_to_her
    assert "Release" in open_to_her
    assert "Decline" in open_to_her


def test_a_mark_placed_a_moment_ago_hides_the_request_before_the_clock_moved_it(school: School, account: SchoolAccount) -> None:
    item = a_question(account)
    open_restriction(person=item.person, reason=SECRET, by=given.ms_reid(school), at=given.MONDAY)
    shown = page(as_(given.priya(school)), item)
    assert "This one needs the safeguarding lead." in shown
    assert "Dana Hill" not in shown


def test_the_words_of_a_concern_and_the_leads_reason_stay_with_the_lead(school: School, account: SchoolAccount) -> None:
    reid, okafor, item = given.ms_reid(school), given.mr_okafor(school), a_question(account)
    client = as_(okafor)
    send(client, "hold", item, category="CONTACT", words=SECRET)
    assert now(item).state == State.HELD
    assert SECRET not in page(client, now(item))
    assert SECRET in page(as_(reid), now(item))
    send(as_(reid), "decline", now(item), reason="The order forbids it")
    assert now(item).state == State.BY_HAND
    assert "The order forbids it" not in page(client, now(item))
    assert "The order forbids it" in page(as_(reid), now(item))
    listed = client.get(reverse("requests"), {"tab": "done"}).content.decode()
    assert SECRET not in listed
    assert "The order forbids it" not in listed


def test_the_lead_releases_and_the_office_may_go_on(school: School, account: SchoolAccount) -> None:
    reid, priya, item = given.ms_reid(school), given.priya(school), a_question(account)
    hold(item=item, seen_version=item.version, category=Concern.Category.CONDUCT, words=SECRET, by=priya, at=given.MONDAY)
    send(as_(reid), "release", now(item), why="I spoke to the family")
    assert now(item).state == State.TO_VERIFY
    shown = page(as_(priya), now(item))
    assert "Dana Hill" in shown
    assert SECRET not in shown
    assert "I spoke to the family" not in shown


def test_the_office_may_not_release_approve_or_decline(school: School, account: SchoolAccount) -> None:
    item, client = a_question(account), as_(given.priya(school))
    for act in ("release", "approve", "agree", "decline", "undo"):
        assert send(client, act, item, why="x", reason="x").status_code == 403
    assert now(item).state == State.TO_VERIFY


def test_another_schools_request_is_not_there(school: School, account: SchoolAccount) -> None:
    item = a_question(account)
    elsewhere = given.a_school(name="Other Primary", slug="other")
    stranger = as_(given.a_colleague(elsewhere, "Noor", Role.OFFICE, Role.ADMIN, Role.LEAD))
    assert stranger.get(reverse("request", args=[item.reference])).status_code == 404
    assert "danahill" not in stranger.get(reverse("requests")).content.decode()
    for act in ("verify", "decline", "hold", "take", "undo"):
        answer = send(stranger, act, item, person=item.person.reference, how="EMAIL", reason="x", category="CONTACT", words="x")
        assert answer.status_code == 404
    assert now(item).state == State.TO_VERIFY


def test_somebody_of_another_school_cannot_be_chosen_as_the_person(school: School, account: SchoolAccount) -> None:
    item, stranger = a_question(account), dana(given.a_school(name="Other", slug="other"))
    assert send(as_(given.priya(school)), "verify", item, person=stranger.reference, how="EMAIL").status_code == 404
    assert now(item).state == State.TO_VERIFY


def test_looking_changes_nothing_and_works_without_a_script(school: School, account: SchoolAccount) -> None:
    item, client = a_question(account, Level.CHECK), as_(given.a_colleague(school, "Sam", Role.OFFICE, Role.ADMIN, Role.LEAD))
    before, events = QueueItem.objects.values().get(pk=item.pk), AuditEvent.objects.count()
    for address in (reverse("requests"), reverse("request", args=[item.reference]), reverse("write_down")):
        assert client.get(address).status_code == 200
        assert client.head(address).status_code == 200
    found = client.post(reverse("request_find_person", args=[item.reference]), {"search": "Dana"}).content.decode()
    assert "Dana Hill" in found
    assert QueueItem.objects.values().get(pk=item.pk) == before
    assert AuditEvent.objects.count() == events
    for act in ("verify", "approve", "decline", "hold", "release", "ask", "later", "undo", "take"):
        assert client.get(reverse(f"request_{act}", args=[item.reference])).status_code == 405


def test_a_colleague_sees_who_has_it_open(school: School, account: SchoolAccount) -> None:
    item = a_question(account)
    assert send(as_(given.priya(school)), "take", item).status_code == 204
    assert "Priya has this open" in page(as_(given.mr_okafor(school)), item)


def test_somebody_missing_from_the_list_is_added_and_verified_in_one_step(school: School, account: SchoolAccount) -> None:
    item, client = a_question(account, Level.CHECK), as_(given.priya(school))
    typed = {
        "given": "Sam",
        "family": "Vale",
        "kind": "PARENT_OR_CARER",
        "child_given": "Ada",
        "child_family": "Vale",
        "child_class": "2 Elm",
    }
    send(client, "add_person", item, **typed, how="IN_PERSON")
    assert now(item).state == State.TO_APPROVE
    assert now(item).person.name == "Sam Vale"


def test_where_the_check_is_refused_nobody_is_added_either(school: School, account: SchoolAccount) -> None:
    item, people = a_question(account, Level.IMPOSTOR), Person.objects.count()
    typed = {"given": "Sam", "family": "Vale", "kind": "PARENT_OR_CARER", "child_given": "Ada"}
    answer = send(as_(given.priya(school)), "add_person", item, **typed, how="KNOWN_BY_SIGHT")
    assert answer.status_code == 409
    assert "look-alike" in answer.content.decode()
    assert Person.objects.count() == people


def test_undo_brings_the_question_back(school: School, account: SchoolAccount) -> None:
    okafor = given.mr_okafor(school)
    item = approved(verified(a_question(account), given.priya(school)), okafor)
    send(as_(okafor), "undo", item)
    assert now(item).state == State.TO_APPROVE


def test_a_second_admin_agrees_where_the_school_wants_two(school: School, account: SchoolAccount) -> None:
    okafor, lane = given.mr_okafor(school), given.mrs_lane(school)
    set_policy(school=school, key="two_people", value=True, by=okafor, at=given.MONDAY)
    item = approved(verified(a_question(account), given.priya(school)), okafor)
    assert "Agree" not in page(as_(okafor), item)
    assert "Agree" in page(as_(lane), item)
    send(as_(lane), "agree", item)
    assert now(item).state == State.BY_HAND


def test_later_takes_it_out_of_the_list_until_the_day(school: School, account: SchoolAccount) -> None:
    item, client = a_question(account), as_(given.priya(school))
    send(client, "later", item, until="2099-01-04")
    client.get(reverse("requests"))  # the message that it was put off is read here
    address = reverse("request", args=[item.reference])
    assert address not in client.get(reverse("requests")).content.decode()
    assert address in client.get(reverse("requests"), {"tab": "waiting"}).content.decode()


def test_what_a_family_said_at_the_desk_is_written_down(school: School) -> None:
    client = as_(given.priya(school))
    client.post(reverse("write_down"), {"handle": "@DanaHill", "name": "Dana Hill", "channel": "DESK"})
    assert Claim.objects.get(school=school).readings.get().handle == "danahill"
    wrong = client.post(reverse("write_down"), {"handle": "a_name_far_too_long", "name": "Dana Hill", "channel": "DESK"})
    assert wrong.status_code == 422
    assert "at most 15" in wrong.content.decode()


def test_the_address_and_the_title_name_nobody(school: School, account: SchoolAccount) -> None:
    item = a_question(account)
    answer = as_(given.priya(school)).get(reverse("request", args=[item.reference]))
    title = answer.content.decode().split("<title>")[1].split("</title>")[0]
    assert "dana" not in title.lower()
    assert "dana" not in reverse("request", args=[item.reference]).lower()


def test_a_released_hold_still_keeps_what_spoke_for_it(school: School, account: SchoolAccount) -> None:
    reid, item = given.ms_reid(school), a_question(account, Level.HOLD)
    match = item.match
    match.evidence_json = [{"code": "MARK", "verdict": "DISAGREES", "sentence": SECRET, "facts": {}}]
    match.sentence = SECRET
    match.save()
    release(item=item, seen_version=item.version, why="Spoken to", by=reid, at=given.MONDAY)
    assert SECRET not in page(as_(given.priya(school)), now(item))


def test_what_one_can_answer_oneself_stands_first(school: School, account: SchoolAccount) -> None:
    mine = a_question(account, number=700002, handle="to_approve", person=dana(school, "Sam Vale"))
    theirs = a_question(account, handle="to_verify")
    priya = given.priya(school)
    mine = verified(mine, priya)

    def order(user: User) -> bool:
        shown = as_(user).get(reverse("requests")).content.decode()
        return shown.index(reverse("request", args=[mine.reference])) < shown.index(reverse("request", args=[theirs.reference]))

    assert order(given.mr_okafor(school))
    assert not order(priya)


def test_the_lead_reads_the_mark_of_whoever_shares_the_mailbox(school: School, account: SchoolAccount) -> None:
    reid, item, dean = given.ms_reid(school), a_question(account, Level.HOLD), dana(school, "Dean Hill")
    item.match.candidates = [{"person": dean.pk, "sentence": "Dean Hill: the e-mail came from their address."}]
    item.match.save()
    open_restriction(person=dean, reason=SECRET, by=reid, at=given.MONDAY)
    assert SECRET in page(as_(reid), item)
    assert SECRET not in page(as_(given.priya(school)), item)


def test_the_lead_reads_a_worry_about_the_e_mail_on_the_request_it_speaks_for(school: School, account: SchoolAccount) -> None:
    reid, priya, item = given.ms_reid(school), given.priya(school), a_question(account)
    raw = b"From: Dana Hill <dana@example.org>\r\nMessage-ID: <1@example.org>\r\n\r\nMy Twitter name is @danahill\r\n"
    email = receive_email(school=school, raw=raw, received_at=given.MONDAY, at=given.MONDAY)
    parse_stored(at=given.MONDAY)
    item.match.claim = Claim.objects.get(email=email)
    item.match.save()
    assert "<mark>@danahill</mark>" in page(as_(priya), item)
    raise_concern(school=school, category=Concern.Category.CONTACT, words=SECRET, by=priya, at=given.MONDAY, email=email)
    assert SECRET in page(as_(reid), item)
    hidden = page(as_(priya), item)
    assert SECRET not in hidden
    assert "This one needs the safeguarding lead." in hidden
