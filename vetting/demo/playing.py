"""Playing the story through the product's own operations: each day the drains in their order, then what people did.

Twitter is asked over real HTTP with real signatures: the practice Twitter runs in a thread of this process meanwhile.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from vetting.decisions.models import Decision, QueueItem, Verification
from vetting.decisions.operations import decide, open_or_refresh_items, tick_done, verify
from vetting.decisions.states import State
from vetting.demo.mail import Letter, drop_into
from vetting.demo.people import People, Sort
from vetting.demo.places import mailbox_folder
from vetting.demo.roster_files import full_list
from vetting.demo.scenes import LEFT_DAYS_AGO, WAVES, Admitted, Scenes, working_morning
from vetting.demo.setting_up import Stage, load_list
from vetting.demo.waiting import Rounds
from vetting.execution.operations import confirm_from_sightings
from vetting.intake.mailbox import connect as connect_mailbox
from vetting.intake.models import Claim
from vetting.intake.operations import collect, enter_claim_by_hand, parse_stored
from vetting.leavers.operations import plan_removals, propose_removals
from vetting.matching.operations import rematch
from vetting.twitter.connecting import client_for
from vetting.twitter.models import Connection
from vetting.twitter.operations import look_up_claimed_handles, read_watched, sync_followers, sync_requests
from vetting.twitter.port import Profile
from vetting.twitter.sandbox import World
from vetting.values import Level

# Of those who ask now the office has checked some already, and an admin has approved one: everybody finds something to do.
ALREADY_VERIFIED = 4


@dataclass
class Play:
    """One performance."""

    stage: Stage
    people: People
    scenes: Scenes
    world: World
    connection: Connection
    now: datetime
    say: Callable[[str], None]

    def perform(self) -> None:
        """Everything up to `now`."""
        self.people_the_world()
        self.first_look()
        for admitted, day in zip(self.scenes.waves, WAVES, strict=True):
            if day < LEFT_DAYS_AGO:
                self.families_leave()
            self.say(f"{len(admitted)} families and colleagues are let in, {day} days ago …")
            self.let_in(admitted, working_morning(self.now - timedelta(days=day)))
        self.say(f"{len(self.scenes.waiting)} people ask to follow …")
        for index, moment in enumerate(Rounds(self.now).at):
            self.a_round(index, moment)
        self.office_begins()
        self.read_followers(self.now)
        self.propose_leavers()

    def people_the_world(self) -> None:
        """Everybody who has an account; those nobody knows follow already, from before the register."""
        with self.world.at_once():
            for each in (each for wave in self.scenes.waves for each in wave):
                add_to(self.world, each.account)
            for request in self.scenes.waiting:
                if not request.exists_from_round:
                    add_to(self.world, request.earlier or request.account)
            for stranger in (*self.scenes.bystanders, self.scenes.dana, *self.scenes.unknown_followers):
                add_to(self.world, stranger)
            for follower in self.scenes.unknown_followers:
                self.world.follow(follower.handle.value)

    def first_look(self) -> None:
        """The school finds out who follows already."""
        self.read_followers(working_morning(self.now - timedelta(days=WAVES[0] + 1)))

    def let_in(self, admitted: Sequence[Admitted], at: datetime) -> None:
        """A morning in the office: the register reads, Priya verifies, an admin approves and presses Accept, Twitter confirms."""
        with self.world.at_once():
            for each in admitted:
                self.world.ask_to_follow(each.account.handle.value)
        self.drop(each.letter for each in admitted if each.letter)
        with transaction.atomic():
            for each in admitted:
                if not each.letter:
                    self.told_at_the_desk(each, at - timedelta(minutes=5))
        # Whose name was told is found waiting by the look-up itself; the whole lists are read before and after the waves.
        self.read_mail_and_names(at)
        self.form_opinions(at)
        items = self.items_of(each.account for each in admitted)
        with transaction.atomic():
            for count, each in enumerate(admitted):
                item = items[each.account.user_id.value]
                self.verify(item, each, at + timedelta(minutes=10, seconds=20 * count))
                self.approve(item, at + timedelta(minutes=45, seconds=15 * count), count)
        with self.world.at_once():
            for each in admitted:
                self.world.accept(each.account.user_id.value)
        self.confirm(at + timedelta(hours=2))

    def told_at_the_desk(self, each: Admitted, at: datetime) -> None:
        name, handle = each.adult.name, each.account.handle
        channel = Claim.Channel.DESK if each.adult.sort is not Sort.PARENT else Claim.Channel.FORM
        enter_claim_by_hand(school=self.stage.school, handle=handle, name=name, channel=channel, by=self.stage.office, at=at)

    def verify(self, item: QueueItem, each: Admitted, at: datetime) -> None:
        how = Verification.How.KNOWN_BY_SIGHT if each.adult.sort is not Sort.PARENT else Verification.How.IN_PERSON
        if Level(item.level).offers_approval:
            how = Verification.How.EMAIL
        person = self.stage.people[each.adult.number]
        verify(item=item, seen_version=item.version, person=person, how=how, by=self.stage.office, at=at)
        item.refresh_from_db()

    def approve(self, item: QueueItem, at: datetime, count: int) -> None:
        """One in five by the second admin. Not everybody ticks what they did: what Twitter shows is enough."""
        admin = self.stage.second_admin if count % 5 == 4 else self.stage.admin
        decide(item=item, seen_version=item.version, outcome=Decision.Outcome.APPROVE, by=admin, at=at)
        if count % 5 == 0:
            tick_done(item=item, by=admin, at=at + timedelta(minutes=30))

    def families_leave(self) -> None:
        """The list comes again, with a leaving date for four children."""
        left = self.now - timedelta(days=LEFT_DAYS_AGO)
        loaded = working_morning(left + timedelta(days=3))
        contents = full_list(self.people, left_on=left.date())
        load_list(self.stage.school, contents, by=self.stage.office, at=loaded, file_name="hazelbrook-parents-with-leavers.csv")

    def a_round(self, index: int, at: datetime) -> None:
        """One of the last days: names change, accounts appear, letters arrive, people ask; then the register reads."""
        with self.world.at_once():
            for request in self.scenes.waiting:
                if request.exists_from_round == index and index:
                    add_to(self.world, request.account)
                if request.asks_in_round == index:
                    if request.earlier:
                        self.world.rename(request.earlier.handle.value, request.account.handle.value)
                    self.world.ask_to_follow(request.account.handle.value)
        before = at - timedelta(days=400) if index == 0 else Rounds(self.now).at[index - 1]
        letters = [*(letter for request in self.scenes.waiting for letter in request.letters), *self.scenes.other_letters]
        self.drop(letter for letter in letters if before < letter.sent_at <= at)
        self.read_mail_and_names(at)
        sync_requests(connection=self.connection, twitter=client_for(self.connection), at=at)
        self.form_opinions(at)

    def office_begins(self) -> None:
        """Priya has checked the first few of the clear ones, a quarter of an hour ago; one waits on the To do list."""
        ready = QueueItem.objects.filter(school=self.stage.school, state=State.TO_VERIFY, level=Level.STRONG).order_by("opened_at", "pk")
        how, at = Verification.How.EMAIL, self.now - timedelta(minutes=15)
        for count, item in enumerate(ready.select_related("person")[:ALREADY_VERIFIED]):
            if item.person is None:
                continue
            verify(item=item, seen_version=item.version, person=item.person, how=how, by=self.stage.office, at=at)
            if count == 0:
                item.refresh_from_db()
                outcome = Decision.Outcome.APPROVE
                decide(item=item, seen_version=item.version, outcome=outcome, by=self.stage.admin, at=self.now - timedelta(minutes=5))

    def propose_leavers(self) -> None:
        plan = plan_removals(school_account=self.stage.account, at=self.now)
        propose_removals(plan=plan, at=self.now)

    # What the clock does.

    def read_mail_and_names(self, at: datetime) -> None:
        """The first drains: letters, what stands in them, and whose the names are."""
        collect(source=self.stage.source, mailbox=connect_mailbox(self.stage.source), at=at)
        while parse_stored(at=at):
            pass
        twitter = client_for(self.connection)
        while look_up_claimed_handles(connection=self.connection, twitter=twitter, at=at):
            pass

    def read_followers(self, at: datetime) -> None:
        """The whole list; long, so only at the beginning and at the end, where the list of leavers rests on it."""
        sync_followers(connection=self.connection, twitter=client_for(self.connection), at=at)

    def form_opinions(self, at: datetime) -> None:
        """The last drains: what to think of each request, and the questions for people."""
        rematch(school=self.stage.school, at=at)
        open_or_refresh_items(school=self.stage.school, at=at)

    def confirm(self, at: datetime) -> None:
        """Twitter shows who follows now, and what was approved is closed by that."""
        twitter = client_for(self.connection)
        while read_watched(connection=self.connection, twitter=twitter, at=at):
            pass
        confirm_from_sightings(school_account=self.stage.account, at=at)

    def drop(self, letters: Iterable[Letter]) -> None:
        for letter in letters:
            drop_into(mailbox_folder(), letter)

    def items_of(self, accounts: Iterable[Profile]) -> dict[str, QueueItem]:
        numbers = [account.user_id.value for account in accounts]
        items = QueueItem.objects.filter(school=self.stage.school, profile__twitter_user_id__in=numbers).select_related("profile")
        return {item.profile.twitter_user_id or "": item for item in items}


def add_to(world: World, account: Profile) -> None:
    """An invented account into the practice Twitter, number and all."""
    world.add_user(
        account.handle.value,
        name=account.display_name,
        user_id=account.user_id.value,
        bio=account.bio,
        created_at=f"{account.created_at:%Y-%m-%dT%H:%M:%S}.000Z",
        default_picture=bool(account.default_picture),
        followers=account.followers or 0,
        following=account.following or 0,
        posts=account.posts or 0,
        protected=bool(account.protected),
    )
