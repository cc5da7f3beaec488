"""Who may answer what, and when. Pure pairs: `check_…` raises with the sentence, `can_…` answers for a template.

They are told the open concerns and restrictions as they are at that moment; they read nothing themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass

from vetting.decisions.states import State
from vetting.values import Level, Refused

ASKABLE = frozenset({State.WAITING, State.TO_VERIFY, State.TO_APPROVE})
VERIFIABLE = frozenset({State.WAITING, State.TO_VERIFY})
UNDOABLE = frozenset({State.COUNTERSIGN, State.DECIDED, State.BY_HAND})
HOLDABLE = frozenset({State.WAITING, State.TO_VERIFY, State.TO_APPROVE, State.COUNTERSIGN, State.DECIDED, State.BY_HAND})
REJECTABLE = frozenset({State.WAITING, State.TO_VERIFY, State.TO_APPROVE})
ENOUGH_FOR_A_LOOKALIKE = frozenset({"IN_PERSON", "CALL_BACK"})

NEEDS_THE_LEAD = "This one needs the safeguarding lead."
PUBLIC_ON_PURPOSE = "The school's account is public on purpose: nobody is approved, followers are only watched."
# What may be said of an account that Twitter does not show any longer.
NOT_THERE = {
    "SUSPENDED": "Twitter has suspended this account. It can be answered when the account is back.",
    "GONE": "This account is no longer on Twitter. It can be answered if it comes back.",
}


class NotYours(Refused):
    """The person's roles do not allow it."""


class NotNow(Refused):
    """The question stands elsewhere."""


class NotSafe(Refused):
    """A safeguarding rule forbids it."""


@dataclass(frozen=True)
class Circumstances:
    """Everything the rules look at, read at the moment of action."""

    kind: str
    state: State
    level: Level
    roles: frozenset[str]
    has_concern: bool = False
    is_restricted: bool = False
    is_verified: bool = False
    belongs_now: bool = False
    removals_paused: bool = False
    because_left: bool = False
    ticked: bool = False
    is_public_on_purpose: bool = False
    # Where Twitter last showed the account itself: "ACTIVE", "SUSPENDED" or "GONE".
    standing: str = "ACTIVE"

    @property
    def needs_lead(self) -> bool:
        return self.has_concern or self.is_restricted


def _require(roles: frozenset[str], *wanted: str) -> None:
    if not roles.intersection(wanted):
        names = {"OFFICE": "the office", "ADMIN": "an admin", "LEAD": "the safeguarding lead"}
        raise NotYours(f"Only {' or '.join(names[role] for role in wanted)} can do this.")


def _check_may_be_let_in(c: Circumstances) -> None:
    """What speaks against letting anybody in, whoever they are."""
    if c.is_public_on_purpose:
        raise NotSafe(PUBLIC_ON_PURPOSE)
    if c.needs_lead:
        raise NotSafe(NEEDS_THE_LEAD)
    if c.standing in NOT_THERE:
        raise NotNow(NOT_THERE[c.standing])


def check_can_verify(c: Circumstances, *, how: str) -> None:
    """The office says: this is a person the school knows, checked in this way.

    Raises:
        NotYours, NotNow: see there; also while Twitter does not show the account.
        NotSafe: somebody must look first: a restriction, a concern; an e-mail that proves nothing; a look-alike
            nobody spoke to; a person with no current reason to follow. Or the account is public on purpose.
    """
    _require(c.roles, "OFFICE")
    if c.kind != "APPROVAL" or c.state not in VERIFIABLE:
        raise NotNow("This request is not waiting to be verified.")
    _check_may_be_let_in(c)
    if how == "EMAIL" and not c.level.offers_approval:
        raise NotSafe("The e-mail alone does not prove who wrote it. Check in another way, or ask the family.")
    if c.level is Level.IMPOSTOR and how not in ENOUGH_FOR_A_LOOKALIKE:
        raise NotSafe("This may be a look-alike. Speak to the person, in person or by calling back, before you verify.")
    if not c.belongs_now:
        raise NotSafe("This person has no current reason to follow the school. Record one first.")


def check_can_approve(c: Circumstances) -> None:
    """An admin lets them in. Only after a verification, and only while nothing speaks against it."""
    _require(c.roles, "ADMIN")
    if c.kind != "APPROVAL" or c.state is not State.TO_APPROVE:
        raise NotNow("This request is not waiting for an answer.")
    _check_may_be_let_in(c)
    if not c.is_verified:
        raise NotSafe("The office has not verified this person yet.")
    if not c.belongs_now:
        raise NotSafe("This person no longer has a reason to follow the school.")


def check_can_decline(c: Circumstances) -> None:
    """An admin declines what is open; what is held only the safeguarding lead declines."""
    if c.kind != "APPROVAL" or (c.state not in REJECTABLE and c.state is not State.HELD):
        raise NotNow("This request is not waiting for an answer.")
    _require(c.roles, "LEAD" if c.state is State.HELD else "ADMIN")


def check_can_answer_removal(c: Circumstances, *, outcome: str) -> None:
    """An admin removes or keeps a follower who no longer belongs; the safeguarding lead answers what is held."""
    if c.kind != "REMOVAL" or c.state not in (State.TO_APPROVE, State.HELD):
        raise NotNow("This removal is not waiting for an answer.")
    _require(c.roles, "LEAD" if c.state is State.HELD else "ADMIN")
    if outcome == "REMOVE" and c.removals_paused and c.state is not State.HELD:
        raise NotSafe("All removals are paused. An admin can end the pause on the Leavers page.")
    if outcome == "REMOVE" and c.because_left and c.belongs_now and c.state is not State.HELD:
        raise NotSafe("This person has a reason to follow the school again. Nobody is removed for having left.")
    if outcome == "KEEP" and c.state is not State.HELD and c.needs_lead:
        raise NotSafe(NEEDS_THE_LEAD)


def check_can_countersign(c: Circumstances, *, decided_by: int, by: int) -> None:
    """A second, different admin agrees."""
    _require(c.roles, "ADMIN")
    if c.state is not State.COUNTERSIGN:
        raise NotNow("This decision does not wait for a second person.")
    if decided_by == by:
        raise NotYours("The school's rule wants a second, different person.")
    _check_may_be_let_in(c)
    if not c.belongs_now:
        raise NotSafe("This person no longer has a reason to follow the school. Take the decision back.")


def check_can_undo(c: Circumstances) -> None:
    """Until it is sent, or ticked as done on Twitter, an admin may take a decision back (the lead what was held)."""
    _require(c.roles, "ADMIN", "LEAD")
    if c.state not in UNDOABLE or c.ticked:
        raise NotNow("It is too late to take this back: it was done on Twitter. You can remove the follower instead.")


def check_can_hold(c: Circumstances) -> None:
    """Anybody who may see a request may pass it to the lead."""
    _require(c.roles, "OFFICE", "ADMIN", "LEAD")
    if c.state not in HOLDABLE:
        raise NotNow("This can no longer be passed on.")


def check_can_release(c: Circumstances) -> None:
    """Only the safeguarding lead lets a held item go back to the office or the admins."""
    _require(c.roles, "LEAD")
    if c.state is not State.HELD:
        raise NotNow("This is not held.")


def check_can_ask(c: Circumstances) -> None:
    _require(c.roles, "OFFICE", "ADMIN")
    if c.kind != "APPROVAL" or c.state not in ASKABLE:
        raise NotNow("This request is not waiting for an answer.")


def check_can_tick(c: Circumstances) -> None:
    """An admin says: I did it on Twitter."""
    _require(c.roles, "ADMIN", "LEAD")
    if c.state is not State.BY_HAND:
        raise NotNow("This is no longer on the To do list.")


def can_verify(c: Circumstances, *, how: str) -> bool:
    return _allows(lambda: check_can_verify(c, how=how))


def can_approve(c: Circumstances) -> bool:
    return _allows(lambda: check_can_approve(c))


def can_decline(c: Circumstances) -> bool:
    return _allows(lambda: check_can_decline(c))


def can_answer_removal(c: Circumstances, *, outcome: str) -> bool:
    return _allows(lambda: check_can_answer_removal(c, outcome=outcome))


def can_countersign(c: Circumstances, *, decided_by: int, by: int) -> bool:
    return _allows(lambda: check_can_countersign(c, decided_by=decided_by, by=by))


def can_undo(c: Circumstances) -> bool:
    return _allows(lambda: check_can_undo(c))


def can_hold(c: Circumstances) -> bool:
    return _allows(lambda: check_can_hold(c))


def can_release(c: Circumstances) -> bool:
    return _allows(lambda: check_can_release(c))


def can_ask(c: Circumstances) -> bool:
    return _allows(lambda: check_can_ask(c))


def _allows(check: Callable[[], None]) -> bool:
    try:
        check()
    except Refused:
        return False
    return True
