"""A school lives: its truth, its office, its followers, its nights; every night is held against the truth."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from tests import given
from tests.school_years.breaking import BREAKAGES
from tests.school_years.calendar import Year, year_of
from tests.school_years.exports import Form
from tests.school_years.life import Life
from tests.school_years.office import Office
from tests.school_years.truth import Adult, Truth
from tests.scripted_twitter import ScriptedTwitter
from vetting.decisions.models import QueueItem
from vetting.decisions.operations import decide, open_removal, recognise_follower, tick_done
from vetting.decisions.states import State
from vetting.execution.operations import confirm_from_sightings
from vetting.leavers.models import LeaverPlan
from vetting.leavers.operations import ask_release, propose_removals, release_plan, run_night
from vetting.leavers.rules import Group
from vetting.roster.models import Person
from vetting.roster.queries import has_current_basis
from vetting.school.operations import set_term
from vetting.twitter.models import Connection, Follower, TwitterProfile
from vetting.twitter.operations import connect, read_watched, sync_followers

LONDON = ZoneInfo("Europe/London")
START = given.MONDAY.date()
A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)
FIRST_NUMBER = 100_000


@dataclass
class Figures:
    """What the years came to. `wrong` and `late` are to be empty."""

    waits: list[int] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    stops: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)


class SchoolYears:
    """One school from its first list on. Time moves in days; a night is held against the truth whenever one is run."""

    def __init__(self, kind: str, seed: int, *, families: int, dates: str, shape: str = "", slug: str = "school") -> None:
        self.draw = Random(seed + 1)  # noqa: S311  # a seed repeats a history; nothing is secret
        self.life = Life(kind, seed, START, families=families, dates=dates)
        self.school = given.a_school(slug=slug, name="A school")
        self.account = given.an_account(self.school)
        self.okafor, self.lane = given.mr_okafor(self.school), given.mrs_lane(self.school)
        self.office = Office(self.school, self.truth, Form.drawn(self.draw, shape), self.draw, lane=self.lane)
        keys = dict.fromkeys(("consumer_key", "consumer_secret", "access_token", "access_secret"), "x")
        self.connection = connect(school_account=self.account, kind=Connection.Kind.LIVE, by=None, at=given.MONDAY, **keys)
        self.twitter = ScriptedTwitter()
        self.following: dict[str, Adult] = {}
        self.figures = Figures()
        self._stopped_nights: Counter[str] = Counter()
        self._years_known: set[int] = set()
        self._stopped_on: date | None = None
        self._know_the_terms()
        self.office.brings_the_list()
        self.somebody_follows()

    @property
    def truth(self) -> Truth:
        return self.life.truth

    @property
    def today(self) -> date:
        return self.truth.today

    def a_day_passes(self) -> None:
        self.life.a_day_passes()
        self._know_the_terms()
        self.office.what_ends_is_typed()

    def _know_the_terms(self) -> None:
        """The office writes the terms of this school year and the next into the calendar."""
        for begins_in in (year_of(self.today).begins_in, year_of(self.today).begins_in + 1):
            if begins_in not in self._years_known:
                self._years_known.add(begins_in)
                for name, starts_on, ends_on in Year(begins_in).terms:
                    set_term(school=self.school, name=name, starts_on=starts_on, ends_on=ends_on, by=None, at=self._at(8))

    def _at(self, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(self.today, time(hour, minute), tzinfo=LONDON)

    # Followers.

    def somebody_follows(self) -> None:
        """Some who belong, and whom the register knows, begin to follow; a colleague says who they are."""
        register, new = self.office.register(), []
        for adult in self.truth.adults:
            number = _number_of(adult)
            if number in self.following or not adult.would_follow or adult.marked_on or not adult.belongs(self.today):
                continue
            if self.draw.random() < 0.5 and (pk := self.office.person_of(adult, register)) is not None:
                person = Person.objects.get(pk=pk)
                if has_current_basis(person, self.today):
                    new.append((number, adult, person))
        for number, adult, _ in new:
            self.twitter.follow(number)
            self.following[number] = adult
        if new:
            self._read_followers(self._at(11))
        for number, adult, person in new:
            follower = Follower.objects.get(school_account=self.account, profile__twitter_user_id=number, ended_at=None)
            recognise_follower(follower=follower, person=person, how="IN_PERSON", by=self.okafor, at=self._at(11, 30))
            self.office.people[adult.number] = person.pk
            self.figures.counts["followers"] += 1

    def _read_followers(self, at: datetime) -> None:
        self.connection.refresh_from_db()
        assert sync_followers(connection=self.connection, twitter=self.twitter, at=at).complete

    # Nights.

    def a_night(self) -> None:
        """02:30 and what follows: the list, the questions, the admins in the morning."""
        self._read_if_due(self._at(2, 20))
        run_night(school=self.school, at=self._at(2, 30))
        if self._read_if_due(self._at(2, 40)):
            run_night(school=self.school, at=self._at(2, 45))
        self._look_at_the_stop()
        self._look_at_namesakes()
        items = self._items()
        self._look_at_what_was_asked(items)
        self._look_for_the_forgotten({item.profile.twitter_user_id for item in items})
        if items:
            self._admins_answer(items)
        self.figures.counts["nights"] += 1

    def _read_if_due(self, at: datetime) -> bool:
        due = Connection.objects.get(pk=self.connection.pk).followers_due_at
        if due is not None and due > at:
            return False
        self._read_followers(at)
        return True

    def _look_at_the_stop(self) -> None:
        """A list that stopped waits for the admins: first a good list of families, then, if all on it have left, two people's word."""
        plan = LeaverPlan.objects.filter(school_account=self.account).latest("made_at")
        self._stopped_on = None
        if plan.verdict != LeaverPlan.Verdict.STOPPED:
            return
        self._stopped_on = self.today
        self.figures.counts["stopped nights"] += 1
        self.figures.stops += plan.stop_reasons
        if self.office.loaded_on is None or self.office.loaded_on < self.today - timedelta(days=2):
            self.office.brings_the_list()
            return
        ready = [entry for entry in plan.rows if entry["group"] == Group.READY]
        belong = [entry for entry in ready if not self._follower_of(entry).is_gone(self.today)]
        if belong:
            self.figures.counts["stops that kept somebody who belongs"] += 1
            for entry in belong:
                self.office.puts_right(self._follower_of(entry), Person.objects.get(pk=entry["person"]))
            self._ask_one_by_one([entry for entry in ready if entry not in belong])
            return
        ask_release(plan=plan, why="We looked at every name: they have left.", by=self.okafor, at=self._at(8))
        release_plan(plan=plan, by=self.lane, at=self._at(8, 5), signed_in_at=self._at(8, 4))
        propose_removals(plan=plan, at=self._at(8, 6), by=self.lane)
        self.figures.counts["lists let go on by two admins"] += 1
        self._stopped_on = None

    def _follower_of(self, entry: dict[str, Any]) -> Adult:
        return self.following[TwitterProfile.objects.get(pk=entry["profile"]).twitter_user_id or ""]

    def _look_at_namesakes(self) -> None:
        """Whom only somebody of the same name keeps: an admin knows which of the two it is."""
        plan = LeaverPlan.objects.filter(school_account=self.account).latest("made_at")
        kept = [entry for entry in plan.rows if entry["group"] == Group.KEPT and entry["why"].startswith("Somebody of the same name")]
        self.figures.counts["nights on which a namesake kept somebody who belongs"] += any(
            self._follower_of(entry).belongs(self.today) for entry in kept
        )
        self._ask_one_by_one([entry for entry in kept if self._follower_of(entry).is_gone(self.today)])

    def _ask_one_by_one(self, entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            if self._follower_of(entry).marked_on is None:
                named = {"follower": Follower.objects.get(pk=entry["follower"]), "person": Person.objects.get(pk=entry["person"])}
                open_removal(school_account=self.account, **named, why="Their child has left.", by=self.okafor, at=self._at(8))
                self.figures.counts["asked about by an admin"] += 1

    def _items(self) -> list[QueueItem]:
        items = QueueItem.objects.filter(school_account=self.account, kind=QueueItem.Kind.REMOVAL)
        return list(items.filter(state=State.TO_APPROVE).select_related("profile", "school", "school_account", "person"))

    def _look_at_what_was_asked(self, items: list[QueueItem]) -> None:
        """Nobody is proposed who by the truth belongs, is within grace, or is the safeguarding lead's question."""
        for item in items:
            number = item.profile.twitter_user_id or ""
            adult = self.following[number]
            if not adult.is_gone(self.today) or adult.marked_on is not None:
                says = "belongs" if adult.belongs(self.today) else f"may stay until {adult.stays_until(self.today)}"
                self.figures.wrong.append(f"{self.today}: {adult.name} {says}; asked because: {item.why}")
            due = self.office.ledger.due_on(adult, self.today)
            if due is not None:
                self.figures.waits.append(max((self.today - due).days, 0))

    def _look_for_the_forgotten(self, asked: set[str | None]) -> None:
        """Of whom the register knows that they are gone has a question a week later; nights on which the list stood do not count."""
        for number, adult in self.following.items():
            due = self.office.ledger.due_on(adult, self.today) if adult.is_gone(self.today) and adult.marked_on is None else None
            if due is None or number in asked or due > self.today:
                continue
            self._stopped_nights[number] += self._stopped_on is not None
            if self.today > due + A_WEEK + A_DAY * self._stopped_nights[number]:
                self.figures.late.append(f"{self.today}: {adult.name} was to be proposed on {due}")

    def _admins_answer(self, items: list[QueueItem]) -> None:
        """Every proposal is answered with "remove", done by hand, and seen on Twitter."""
        for item in items:
            decide(item=item, seen_version=item.version, outcome="REMOVE", reason="They have left.", by=self.okafor, at=self._at(9))
            tick_done(item=item, by=self.okafor, at=self._at(9, 10))
            self.twitter.leave(item.profile.twitter_user_id or "", at=self._at(9, 10))
        self.connection.refresh_from_db()
        read_watched(connection=self.connection, twitter=self.twitter, at=self._at(9, 20))
        confirm_from_sightings(school_account=self.account, at=self._at(9, 30))
        done = QueueItem.objects.filter(pk__in=[item.pk for item in items], state=State.DONE)
        assert done.count() == len(items), "Twitter showed that they are gone"
        for item in items:
            self.following.pop(item.profile.twitter_user_id or "")
            self._stopped_nights.pop(item.profile.twitter_user_id or "", None)
            self.figures.counts["removals"] += 1

    # A whole history by itself.

    def run(self, years: int, *, rhythm: str, nights_apart: int = 7) -> Figures:
        """Day by day: lists in the office's rhythm, broken now and then, and every night on which something may be otherwise."""
        end, last_night, owed = START + timedelta(days=365 * years), START, None
        while self.today < end:
            self.a_day_passes()
            if self._is_an_edge() or self.today - last_night >= timedelta(days=nights_apart):
                self.a_night()
                last_night = self.today
            if self.is_list_day(rhythm) or owed == self.today:
                owed = self._a_list_comes(must_be_good=owed == self.today)
                self.somebody_follows()
        return self.figures

    def _is_an_edge(self) -> bool:
        """After a stop or a wrong list; the last night of somebody's grace, the first after it, and when the register can know."""
        yesterday = self.today - A_DAY
        if yesterday in (self._stopped_on, self.office.let_through_on):
            return True
        gone = [adult for adult in self.following.values() if not adult.belongs(self.today)]
        near, ledger = (self.today, yesterday), self.office.ledger
        return any(adult.stays_until(self.today) in near or ledger.due_on(adult, self.today) == self.today for adult in gone)

    def is_list_day(self, rhythm: str) -> bool:
        terms = year_of(self.today).terms
        if rhythm == "weekly":
            return self.today.weekday() == 0 and any(starts_on <= self.today <= ends_on for _, starts_on, ends_on in terms)
        return any(self.today == starts_on + timedelta(days=17) for _, starts_on, _ in terms)

    def _a_list_comes(self, *, must_be_good: bool) -> date | None:
        """The day on which the office tries once more; None when it got a good list."""
        complete = self.draw.random() < 0.9
        if must_be_good or self.draw.random() < 0.6:
            self.office.brings_the_list(complete=complete)
            return None
        self.office.brings_a_broken_list(self.draw.choice(sorted(BREAKAGES)), complete=complete)
        return self.today + timedelta(days=self.draw.choice([1, 1, 2, 3]))


def _number_of(adult: Adult) -> str:
    return f"{FIRST_NUMBER + adult.number}"
