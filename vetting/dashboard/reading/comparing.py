"""Side by side: what a message says, what the school holds, and what asks on Twitter."""

from datetime import date

from vetting.dashboard.presenters import Compared
from vetting.decisions.models import QueueItem
from vetting.intake.models import Claim
from vetting.roster.models import Person
from vetting.roster.queries import current_bases
from vetting.values import Verdict


def compared(*, item: QueueItem, person: Person | None, on: date) -> list[Compared]:
    """Empty where nobody wrote: there is nothing to lay beside each other."""
    claim = item.match.claim if item.match is not None else None
    if claim is None:
        return []
    children = [basis.pupil for basis in current_bases(person, on) if basis.pupil] if person else []
    addresses = [row.address for row in person.addresses.filter(until=None)] if person else []
    lines = [
        _line("Name", claim.sender_name, [person.name] if person else []),
        _line("Address", claim.sender_address, addresses),
        _line("Child", claim.child_text, [child.name for child in children]),
        _line("Class", claim.class_text, [place for child in children for place in (child.year, child.class_name) if place]),
    ]
    written = _twitter_names(claim)
    asking = f"@{item.profile.handle}"
    verdict = Verdict.AGREES if asking in written else (Verdict.DISAGREES if written else Verdict.UNKNOWN)
    name = Compared("Twitter name", ", ".join(written), f"{asking} (asking)", verdict)
    return [line for line in (*lines, name) if line.written]


def _twitter_names(claim: Claim) -> list[str]:
    rows = claim.readings.exclude(use="NOT_THIS").order_by("start", "pk")
    return list(dict.fromkeys(f"@{row.handle}" if row.handle else row.text_as_written for row in rows))


def _line(what: str, written: str, held: list[str]) -> Compared:
    return Compared(what, written, ", ".join(held), agreement(written, held))


def agreement(written: str, held: list[str]) -> Verdict:
    """The same in one of the entries: agrees. Only part of it, or nothing to compare with: not known."""
    said = _plain(written)
    if not said or not held:
        return Verdict.UNKNOWN
    entries = [_plain(one) for one in held]
    if said in entries:
        return Verdict.AGREES
    words = set(said.split())
    if any(words & set(entry.split()) for entry in entries):
        return Verdict.UNKNOWN
    return Verdict.DISAGREES


def _plain(text: str) -> str:
    return " ".join(text.casefold().replace("-", " ").replace("’", "'").split())
