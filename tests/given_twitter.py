"""Scenes at Twitter: a demo school whose account reads Practice Twitter."""

from dataclasses import dataclass

from accounts.models import User
from tests import given
from tests.sandbox import Sandbox
from vetting.intake.models import Claim
from vetting.intake.operations import enter_claim_by_hand
from vetting.school.models import School, SchoolAccount
from vetting.school.operations import create_school
from vetting.twitter.connecting import client_for
from vetting.twitter.models import Connection, TwitterProfile
from vetting.twitter.port import Twitter
from vetting.values import Handle


@dataclass
class AtTwitter:
    """A school, its account, its admin, and the connection by which it reads."""

    school: School
    account: SchoolAccount
    okafor: User
    connection: Connection
    sandbox: Sandbox

    @property
    def twitter(self) -> Twitter:
        return client_for(self.connection)

    def asks(self, handle: str, **facts: object) -> None:
        """Somebody new presses Follow."""
        self.sandbox.world.add_user(handle, **facts)
        self.sandbox.world.ask_to_follow(handle)

    def follows(self, *handles: str) -> None:
        with self.sandbox.world.at_once():
            for handle in handles:
                self.sandbox.world.add_user(handle)
                self.sandbox.world.follow(handle)

    def profile(self, handle: str) -> TwitterProfile:
        return TwitterProfile.objects.get(school=self.school, handle=handle)

    def claims(self, handle: str) -> Claim:
        """A family told the office its Twitter name by phone."""
        return enter_claim_by_hand(
            school=self.school, handle=Handle.parse(handle), name="Dana Hill", channel="PHONE", by=self.okafor, at=given.MONDAY
        )


def a_demo_school() -> School:
    return create_school(slug="practice", name="Practice Primary", at=given.MONDAY, is_demo=True)


def at_twitter(sandbox: Sandbox) -> AtTwitter:
    school = a_demo_school()
    account = given.an_account(school)
    okafor = given.mr_okafor(school)
    connection = sandbox.connect(account, by=okafor, at=given.MONDAY)
    return AtTwitter(school, account, okafor, connection, sandbox)
