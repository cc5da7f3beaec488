"""The same through the product's own operations: after each thing that happens, what stands is what deciding everything gives."""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random

import pytest

from tests import given
from tests.given_intake import a_checked_message, a_folder_source, mail_arrives
from tests.given_roster import a_parent
from vetting.concerns.models import Concern
from vetting.concerns.operations import close_concern, raise_concern
from vetting.identities.models import Identification
from vetting.identities.operations import end_identification, identify
from vetting.intake.confirming import disown_claim
from vetting.intake.models import Claim, ClaimReading
from vetting.intake.operations import correct_claim, enter_claim_by_hand, set_aside, use_reading, withdraw_claim
from vetting.matching.checking import Checked, check_in_full
from vetting.matching.models import ClaimLink, Match
from vetting.matching.operations import fingerprint, link_claim, note_new_day, rematch, unlink_claim
from vetting.matching.queries import standing_opinions
from vetting.matching.reading import read_rows
from vetting.matching.remembering import memory
from vetting.matching.rows import state_on
from vetting.matching.rules import decide_all
from vetting.roster.models import Basis, Person, Pupil, Restriction
from vetting.roster.operations import correct_person, end_basis, lift_restriction, mark_as_left, open_restriction
from vetting.school.changes import Changed
from vetting.school.operations import facts_changed, set_policy
from vetting.school.queries import local_day
from vetting.twitter.models import FollowRequest, HandleLookup, Sighting, TwitterProfile
from vetting.twitter.port import Missing, Profile
from vetting.twitter.recording import not_there, observe, remember
from vetting.twitter.told import take_their_word
from vetting.values import Handle, MailAddress, PersonName, Refused, TwitterUserId

pytestmark = pytest.mark.django_db

HANDLES = ["dana_h84", "dana_h85", "danah84", "real_dana_h84", "tomhill", "tomhiil", "ravi_m", "kzz99"]
NUMBERS = [str(1_100_000_000_000_000_000 + number) for number in range(6)]
NAMES = ["Dana Hill", "Tom Hill", "Ravi Marsh", "Sam Ray", "D Hill", "Дана Хілл"]
ADDRESSES = ["dana@example.org", "tom@example.org", "ravi@example.org", "sam@example.org"]
STEPS = 25


class AtTheSchool:
    """One school; each step is one thing that somebody does there. What cannot be done just now is not done."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)  # noqa: S311  # a story, no secret
        self.school = given.a_school()
        self.account = given.an_account(self.school)
        self.priya, self.lead = given.priya(self.school), given.ms_reid(self.school)
        self.source = a_folder_source(self.school)
        self.at = given.MONDAY
        self.mails = 0
        self.steps: tuple[Callable[[], object], ...] = (
            self.a_mail_comes,
            self.a_mail_comes,
            self.twitter_shows_somebody,
            self.twitter_shows_somebody,
            self.twitter_shows_somebody,
            self.a_name_is_looked_up,
            self.somebody_joins,
            self.somebody_joins,
            self.a_claim_is_dealt_with,
            self.the_list_is_corrected,
            self.somebody_leaves,
            self.a_mark_or_a_worry,
            self.an_account_is_known,
            self.an_account_goes,
            self.a_rule_is_set,
            self.a_day_passes,
        )

    def step(self) -> None:
        self.at += timedelta(minutes=self.draw.randrange(1, 300))
        try:
            self.draw.choice(self.steps)()
        except Refused:
            return

    def one(self, rows: object) -> object | None:
        found = list(rows.order_by("pk"))
        return self.draw.choice(found) if found else None

    def a_mail_comes(self) -> None:
        self.mails += 1
        name = self.draw.choice(NAMES[:4])
        body = f"My Twitter name is @{self.draw.choice(HANDLES)}. I am the parent of Ada Hill (6B). {self.mails}"
        sender = f"{name} <{self.draw.choice(ADDRESSES)}>"
        mail_arrives(self.source, a_checked_message(body, sender=sender, number=self.mails), at=self.at)

    def twitter_shows_somebody(self) -> None:
        number, handle = self.draw.choice(NUMBERS), self.draw.choice(HANDLES)
        if TwitterProfile.objects.filter(school=self.school, handle=handle).exclude(twitter_user_id=number).exists():
            return
        shown = Profile(
            TwitterUserId(number), Handle(handle), self.draw.choice((*NAMES, "")), self.draw.choice(("", "Mum of two", "Year 4"))
        )
        row = remember(school_account=self.account, shown=shown, at=self.at)
        seen = self.draw.choice((Sighting.Relation.REQUESTS,) * 4 + (Sighting.Relation.NEITHER,))
        observe(school_account=self.account, row=row, seen=seen, source=Sighting.Source.LOOKUP, at=self.at)

    def a_name_is_looked_up(self) -> None:
        number = self.draw.choice((*NUMBERS[:3], None))
        outcome = HandleLookup.Outcome.FOUND if number else HandleLookup.Outcome.NOT_FOUND
        handle = self.draw.choice(HANDLES)
        look = HandleLookup.objects.create(school=self.school, handle=handle, asked_at=self.at, outcome=outcome, twitter_user_id=number)
        facts_changed(self.school.pk, Changed.lookup(look.pk))

    def somebody_joins(self) -> None:
        a_parent(
            self.school, self.draw.choice(NAMES[:3]), self.draw.choice(("Ada Hill", "Kieran Marsh")), email=self.draw.choice(ADDRESSES)
        )

    def a_claim_is_dealt_with(self) -> None:
        claim = self.one(Claim.objects.filter(school=self.school))
        if not isinstance(claim, Claim):
            enter_claim_by_hand(
                school=self.school,
                handle=Handle(self.draw.choice(HANDLES)),
                name=self.draw.choice(NAMES),
                channel=Claim.Channel.DESK,
                by=self.priya,
                at=self.at,
            )
            return
        person = self.one(Person.objects.filter(school=self.school))
        what = self.draw.randrange(7)
        if what == 0:
            withdraw_claim(claim=claim, by=self.priya, at=self.at, why="The family asked.")
        elif what == 1:
            correct_claim(claim=claim, handle=Handle(self.draw.choice(HANDLES)), by=self.priya, at=self.at)
        elif what == 2 and claim.email is not None:
            set_aside(email=claim.email, by=self.priya, at=self.at, why="By mistake.")
        elif what == 3:
            disown_claim(claim=claim, at=self.at)
        elif what == 4 and isinstance(person, Person):
            link_claim(claim=claim, person=person, by=self.priya, at=self.at)
        elif what == 5 and ClaimLink.objects.filter(claim=claim, ended_at=None).exists():
            unlink_claim(claim=claim, by=self.priya, at=self.at)
        elif isinstance(reading := self.one(claim.readings), ClaimReading):
            use_reading(reading=reading, use=self.draw.choice(list(ClaimReading.Use)), by=self.priya, at=self.at)

    def the_list_is_corrected(self) -> None:
        person = self.one(Person.objects.filter(school=self.school))
        if isinstance(person, Person):
            given_name, _, family = self.draw.choice(NAMES[:3]).partition(" ")
            addresses = [MailAddress(self.draw.choice(ADDRESSES))]
            correct_person(person=person, by=self.priya, at=self.at, name=PersonName(given_name, family), addresses=addresses)

    def somebody_leaves(self) -> None:
        leaves = self.one(self.draw.choice((Person.objects, Pupil.objects)).filter(school=self.school))
        on = (self.at + timedelta(days=self.draw.choice((-1, 0, 1)))).date()
        basis = self.one(Basis.objects.filter(person__school=self.school))
        if isinstance(basis, Basis) and self.draw.random() < 0.3:
            end_basis(basis=basis, on=max(on, basis.starts_on), by=self.priya, at=self.at)
        elif isinstance(leaves, Person | Pupil):
            mark_as_left(person=leaves, on=on, by=self.priya, at=self.at)

    def a_mark_or_a_worry(self) -> None:
        person = self.one(Person.objects.filter(school=self.school))
        mark = self.one(Restriction.objects.filter(school=self.school, lifted_at=None))
        worry = self.one(Concern.objects.filter(school=self.school, closed_at=None))
        if isinstance(mark, Restriction):
            lift_restriction(restriction=mark, why="The order ended.", by=self.lead, at=self.at)
        elif isinstance(worry, Concern):
            close_concern(concern=worry, outcome="Nothing in it.", by=self.lead, at=self.at)
        elif isinstance(person, Person) and self.draw.random() < 0.5:
            open_restriction(person=person, reason="a court order", by=None, at=self.at)
        else:
            self.somebody_worries(person)

    def somebody_worries(self, person: object | None) -> None:
        about: dict[str, object] = {
            "person": person,
            "profile": self.one(TwitterProfile.objects.filter(school=self.school)),
            "email": getattr(self.one(Claim.objects.filter(school=self.school, email__isnull=False)), "email", None),
        }
        kind = self.draw.choice(sorted(about))
        if about[kind] is not None:
            words = {"category": Concern.Category.CONTACT, "words": "Odd."}
            raise_concern(school=self.school, by=self.priya, at=self.at, **words, **{kind: about[kind]})

    def an_account_is_known(self) -> None:
        profile, person = self.one(TwitterProfile.objects.filter(school=self.school)), self.one(Person.objects.filter(school=self.school))
        known = self.one(Identification.objects.filter(school=self.school, until=None))
        if isinstance(known, Identification) and self.draw.random() < 0.4:
            end_identification(identification=known, why="mistaken", at=self.at)
        elif isinstance(profile, TwitterProfile) and isinstance(person, Person):
            current = Identification.objects.filter(profile=profile, until=None).first()
            if current is None or current.person_id != person.pk:
                _identify(profile, person, self.at)

    def an_account_goes(self) -> None:
        asking = self.one(FollowRequest.objects.filter(school_account=self.account, ended_at=None))
        if not isinstance(asking, FollowRequest):
            return
        if self.draw.random() < 0.5:
            take_their_word(school_account=self.account, profile=asking.profile, relation=Sighting.Relation.FOLLOWS, at=self.at)
        else:
            not_there(school_account=self.account, row=asking.profile, why=Missing.SUSPENDED, at=self.at)

    def a_rule_is_set(self) -> None:
        set_policy(school=self.school, key="lookup_within_hours", value=self.draw.choice((1, 24, 48)), by=self.priya, at=self.at)

    def a_day_passes(self) -> None:
        self.at += timedelta(days=1)
        note_new_day(at=self.at)


def _identify(profile: TwitterProfile, person: Person, at: datetime) -> None:
    identify(profile=profile, person=person, decision_id=None, at=at)


def everything_decided_now(scene: AtTheSchool) -> dict[int, str]:
    scene.school.refresh_from_db()
    facts = state_on(read_rows(school=scene.school), scene.school.matched_on or local_day(scene.school, scene.at)).facts
    return {opinion.request: fingerprint(opinion) for opinion in decide_all(facts)}


@pytest.mark.parametrize("seed", range(4))
def test_whatever_happens_what_stands_is_what_deciding_everything_gives(seed: int) -> None:
    scene = AtTheSchool(seed)
    for _ in range(STEPS):
        scene.step()
        rematch(school=scene.school, at=scene.at)
        standing = dict(standing_opinions(scene.school).values_list("follow_request_id", "fingerprint"))
        assert standing == everything_decided_now(scene)
    checked = check_in_full(school=scene.school, at=scene.at)
    assert checked is None or (isinstance(checked, Checked) and checked.missed == 0)


@pytest.mark.parametrize("seed", range(4, 6))
def test_a_process_that_was_asleep_for_a_while_catches_up_and_two_do_not_disturb_each_other(seed: int) -> None:
    scene = AtTheSchool(seed)
    rematch(school=scene.school, at=scene.at)
    for _ in range(5):
        asleep = memory.recall(scene.school.pk)
        for _ in range(STEPS // 5):
            scene.step()
            rematch(school=scene.school, at=scene.at)
        assert asleep is not None
        memory.keep(scene.school.pk, asleep)
        scene.twitter_shows_somebody()
        rematch(school=scene.school, at=scene.at)
        standing = dict(standing_opinions(scene.school).values_list("follow_request_id", "fingerprint"))
        assert standing == everything_decided_now(scene)


def test_only_the_rows_that_changed_are_read(django_assert_max_num_queries: Callable[[int], object]) -> None:
    scene = AtTheSchool(1)
    for _ in range(4):
        scene.somebody_joins()
        scene.twitter_shows_somebody()
    rematch(school=scene.school, at=scene.at)
    before = memory.recall(scene.school.pk)
    scene.a_mail_comes()
    with django_assert_max_num_queries(20):
        rematch(school=scene.school, at=scene.at)
    after = memory.recall(scene.school.pk)
    assert before is not None
    assert after is not None
    assert after.state.rows.people is before.state.rows.people
    assert after.state.facts.people_by_word is before.state.facts.people_by_word
    assert len(after.state.rows.claims) == len(before.state.rows.claims) + 1
    assert Match.objects.filter(superseded_at=None).count() == len(after.formed)
