"""Where Twitter and the register say different things of one account, and how to say so. Pure: it is told everything."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Day = Callable[[datetime], str]


class Drift(StrEnum):
    """The ways in which an account does not fit."""

    ACCEPTED_WITHOUT_US = "ACCEPTED_WITHOUT_US"
    BACK_AGAIN = "BACK_AGAIN"
    ABSENT = "ABSENT"
    STILL_BLOCKED = "STILL_BLOCKED"


@dataclass(frozen=True)
class Answer:
    """The last answer about an account that stands. `closed_at` is empty while it is being carried out."""

    outcome: str
    at: datetime
    closed_at: datetime | None = None
    done: bool = False


@dataclass(frozen=True)
class Account:
    """What is known of one account towards one school account."""

    # The current following: when it was first and last seen. Empty: nobody under this number follows.
    first_seen: datetime | None = None
    last_seen: datetime | None = None
    # Somebody who followed when the followers were first read completely was let in before the register.
    before_the_register: bool = False
    answer: Answer | None = None
    # Whom it is taken for: since when, the name, and whether they have a reason to follow today.
    known_since: datetime | None = None
    name: str = ""
    belongs: bool = False
    standing: str = "ACTIVE"


@dataclass(frozen=True)
class Blocked:
    """A block that stands, or may stand: seen since when; and the removal that owes its lifting."""

    handle: str
    seen_since: datetime | None = None
    removed_at: datetime | None = None
    answer_lost: bool = False


def what_does_not_fit(account: Account, *, reading_began: datetime, asks_nobody: bool = False) -> Drift | None:
    """What a complete list of followers shows of this account that our record does not explain.

    `asks_nobody`: the school's account is public on purpose, so that whoever likes follows; only a declined one does not fit.
    """
    if account.first_seen is not None and account.standing == "ACTIVE":
        found = _of_a_follower(account)
        is_declined = account.answer is not None and account.answer.outcome == "REJECT"
        return None if asks_nobody and found is Drift.ACCEPTED_WITHOUT_US and not is_declined else found
    return Drift.ABSENT if _is_missed(account, reading_began) else None


def _of_a_follower(account: Account) -> Drift | None:
    answer = account.answer
    if answer is not None and answer.outcome == "REMOVE" and answer.closed_at is not None:
        is_withdrawn = not answer.done and account.known_since is not None
        return Drift.BACK_AGAIN if not is_withdrawn and _came_back(account, answer.closed_at, answer.done) else None
    if answer is not None and _was_declined(account, answer):
        return Drift.ACCEPTED_WITHOUT_US
    if account.before_the_register or account.known_since is not None:
        return None
    if answer is not None and (answer.outcome in ("KEEP", "REMOVE") or (answer.outcome == "APPROVE" and _stands(answer))):
        return None
    return Drift.ACCEPTED_WITHOUT_US


def _was_declined(account: Account, answer: Answer) -> bool:
    """Declined, and seen to follow afterwards, whoever they were taken for before."""
    if answer.outcome != "REJECT" or answer.closed_at is None or account.last_seen is None:
        return False
    return account.last_seen > answer.closed_at and (account.known_since is None or account.known_since < answer.at)


def _stands(answer: Answer) -> bool:
    """Carried out or being carried out; an answer whose question went away says nothing of a later time."""
    return answer.done or answer.closed_at is None


def _came_back(account: Account, closed_at: datetime, done: bool) -> bool:
    """Seen after the removal was proved; where its question merely went away, only somebody who began to follow after it."""
    seen = account.last_seen if done else account.first_seen
    return seen is not None and seen > closed_at


def _is_missed(account: Account, reading_began: datetime) -> bool:
    """Vetted before the list was read, has a reason to follow, and is not there though nobody removed or declined them."""
    answer = account.answer
    if answer is not None and (answer.outcome == "REJECT" or (answer.outcome == "REMOVE" and _stands(answer))):
        return False
    since = account.known_since
    if since is None and answer is not None and answer.outcome == "APPROVE" and answer.done:
        since = answer.closed_at
    return account.belongs and since is not None and since < reading_began


def sentence(kind: Drift, account: Account, *, found_at: datetime, day: Day) -> str:
    """What an admin reads. A name is said only where the account carries one."""
    if kind is Drift.ABSENT:
        return _absent(account, found_at, day)
    answer = account.answer
    if kind is Drift.BACK_AGAIN:
        removed = answer.closed_at or answer.at if answer is not None else found_at
        first = account.first_seen
        again = first if first is not None and first > removed else found_at
        was = "Removed on" if answer is None or answer.done else "Was to be removed on"
        return f"{was} {day(removed)}, seen again as a follower on {day(again)}."
    if answer is not None and answer.outcome == "REJECT":
        return f"Declined on {day(answer.at)}, yet follows."
    return f"Let in on Twitter on or before {day(account.first_seen or found_at)}, without an answer here."


def _absent(account: Account, found_at: datetime, day: Day) -> str:
    whom = f" for {account.name}" if account.name else ""
    if account.answer is not None and account.answer.outcome == "APPROVE":
        known = f"Approved on {day(account.answer.at)}{whom}"
    else:
        known = f"Known{f' as {account.name}' if account.name else ''} since {day(account.known_since or found_at)}"
    if account.standing == "SUSPENDED":
        return f"{known}. Twitter suspended the account; until it is back it does not follow."
    if account.standing == "GONE":
        return f"{known}. The account is no longer on Twitter."
    return f"{known}; not among the followers on {day(found_at)}. They may have left by themselves."


def blocked_sentence(blocked: Blocked, *, found_at: datetime, day: Day) -> str:
    """Whom to unblock, and why the register thinks so. A person does it on Twitter's own page."""
    unblock = f"On Twitter, unblock @{blocked.handle}"
    if blocked.removed_at is not None and blocked.answer_lost:
        return (
            f"Twitter's answer was lost while they were being removed on {day(blocked.removed_at)}; they may still be blocked. {unblock}."
        )
    if blocked.removed_at is not None:
        return f"Removed on {day(blocked.removed_at)}, and still blocked. {unblock}."
    return f"Blocked on Twitter, seen on {day(blocked.seen_since or found_at)}; no removal here explains it. {unblock}, or note why not."
