"""Who is removed through Twitter itself: only where the school's rule, the permission and what Twitter said before allow it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from vetting.twitter.connecting.scopes import READING, REMOVING

from tests import given
from tests.given_sign_in import signed_in
from tests.given_twitter import AtTwitter, at_twitter
from tests.sandbox import Sandbox
from vetting.school.operations import set_policy
from vetting.twitter.connecting import client_for
from vetting.twitter.models import Capability, Connection, TokenPair
from vetting.twitter.port import Carried, ManualAction
from vetting.values import Handle, TwitterUserId

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(sandbox: Sandbox) -> AtTwitter:
    return at_twitter(sandbox)


def test_a_follower_is_removed_through_twitter_only_where_rule_permission_and_experience_allow(there: AtTwitter) -> None:
    there.follows("leaver")
    there.sandbox.world.allow("block")
    leaver = TwitterUserId(there.sandbox.world.user("leaver").user_id)

    def remove(now: Connection) -> Carried | ManualAction:
        return client_for(now).remove_follower(leaver, Handle("leaver"))

    now = signed_in(there, *READING, *REMOVING, life=10**9)
    assert isinstance(remove(now), ManualAction), "the rule is off"
    set_policy(school=there.school, key="remove_by_api", value=True, by=there.okafor, at=given.MONDAY)
    no = Capability.objects.filter(connection=now, name="remove")
    no.update(state="NO", checked_at=timezone.now() - timedelta(days=6))
    assert isinstance(remove(now), ManualAction), "Twitter refused it six days ago"
    no.update(checked_at=timezone.now() - timedelta(days=8))
    assert isinstance(remove(now), Carried)
    TokenPair.objects.update(scopes=" ".join(READING))
    assert isinstance(remove(now), ManualAction), "the permission is missing"


def test_keys_alone_remove_too_where_the_school_wants_it(there: AtTwitter) -> None:
    there.follows("leaver")
    there.sandbox.world.allow("block")
    leaver = TwitterUserId(there.sandbox.world.user("leaver").user_id)
    assert isinstance(client_for(there.connection).remove_follower(leaver, Handle("leaver")), ManualAction)
    set_policy(school=there.school, key="remove_by_api", value=True, by=there.okafor, at=given.MONDAY)
    assert isinstance(client_for(there.connection).remove_follower(leaver, Handle("leaver")), Carried)
