"""How well the engine judges a simulated school whose truth is known: `evaluate_matching`.

The rates of such a school are invented; only the false approvals, and the figures by kind of case, mean anything.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from vetting.matching.facts import (
    ApprovedFacts,
    ChildFacts,
    ClaimFacts,
    Facts,
    LookupFacts,
    PersonFacts,
    ReadingFacts,
    RequestFacts,
)
from vetting.matching.rules import Opinion, decide_all
from vetting.values import BadValue, Handle, Level, MailAddress

_LABEL = {"pass": "CHECKED", "fail": "SUSPICIOUS", "none": "NOT_CHECKED"}


@dataclass(frozen=True)
class Truth:
    """What is really the case with one request. `provable`: the facts allow approval without asking back."""

    category: str
    should: str
    provable: bool
    bad: bool
    person: int | None


@dataclass(frozen=True)
class Report:
    """The figures of one run. Shares are between 0 and 1; None where there was nothing to count."""

    requests: int
    by_level: Counter[str]
    by_category: dict[str, Counter[str]]
    false_approvals: list[Opinion]
    provable: int
    provable_offered: int
    right_person: int
    genuine_offered: int
    impostors: int
    impostors_silent: int
    genuine_called_impostor: int
    genuine: int
    review: int
    longest_sentence: int

    @property
    def provable_recall(self) -> float | None:
        return self.provable_offered / self.provable if self.provable else None


def _moment(day: str, hour: int) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=UTC) + timedelta(hours=hour)


def _number(key: str) -> int:
    return int(key[1:])


def read_sample(folder: Path) -> tuple[Facts, dict[int, Truth]]:
    """A simulated school from its JSON files, and the truth by request.

    The files know days only: a message is put at eleven at night and its look-up at once, a request half an hour later, so
    that nothing counts as seen "before" on the strength of a shared day.

    Raises:
        BadValue: a file is missing or is not JSON.
    """
    files: dict[str, Any] = {}
    for name in ("roster", "claims", "lookups", "requests", "approved", "truth"):
        try:
            files[name] = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as trouble:
            raise BadValue(f"{name}.json cannot be read in that folder: {type(trouble).__name__}.") from trouble
    claims = tuple(_claim(row) for row in files["claims"])
    requests = tuple(_request(number, row) for number, row in enumerate(files["requests"], start=1))
    truth = {number: _truth(files["truth"]["requests"][row["twitter_id"]]) for number, row in enumerate(files["requests"], start=1)}
    facts = Facts(
        people=tuple(_person(row) for row in files["roster"]["people"]),
        pupils=tuple(_child(row) for row in files["roster"]["pupils"]),
        claims=claims,
        lookups=tuple(_lookups(files["lookups"], claims)),
        requests=requests,
        approved=tuple(_approved(row, requests) for row in files["approved"]),
    )
    return facts, truth


def _child(row: dict[str, Any]) -> ChildFacts:
    return ChildFacts(_number(row["pupil_id"]), row["first_name"], row["last_name"], row["class_name"] or "")


def _person(row: dict[str, Any]) -> PersonFacts:
    children = tuple(_child(child) for child in row["children"])
    named = " and ".join(child.given for child in children)
    tie = f"{row['relationship'].capitalize()} of {named}" if named else row["role"].capitalize()
    return PersonFacts(
        pk=_number(row["person_id"]),
        given=" ".join(part for part in (row["first_name"], row["known_as"]) if part),
        family=row["last_name"],
        previous_family=row["previous_last_name"] or "",
        addresses=frozenset(MailAddress.parse(address) for address in row["emails"]),
        children=children,
        tie=tie,
        current=row["leaving_date"] is None,
        left_on=row["leaving_date"] or "",
        restricted=row["no_contact"],
    )


def _readings(text: str) -> list[ReadingFacts]:
    """The name as written; where it is none, the readings "joined" and "underscored", both guesses (email-intake's candidates)."""
    try:
        return [ReadingFacts(text, Handle.parse(re.sub(r"^\s*@\s+", "@", text)).value, repaired=bool(re.match(r"\s*@\s", text)))]
    except BadValue:
        found = []
        for joint in ("", "_"):
            try:
                found.append(ReadingFacts(text, Handle.parse(re.sub(r"[^A-Za-z0-9_@]+", joint, text.strip())).value, repaired=True))
            except BadValue:
                continue
        return found or [ReadingFacts(text, None)]


def _claim(row: dict[str, Any]) -> ClaimFacts:
    fields = row["fields"]
    return ClaimFacts(
        pk=_number(row["claim_id"]),
        made_at=_moment(row["received_on"], 23),
        readings=tuple(reading for text in fields["handles"] for reading in _readings(text)),
        sender=MailAddress.parse(row["from_addr"]),
        sender_name=row["from_name"],
        child_text=fields["child"] or "",
        class_text=fields["class_text"] or "",
        authenticity=_LABEL[row["auth"]["dmarc"]],
    )


def _lookups(answers: dict[str, str | None], claims: tuple[ClaimFacts, ...]) -> list[LookupFacts]:
    return [
        LookupFacts(reading.handle, claim.made_at, answers[reading.handle])
        for claim in claims
        for reading in claim.readings
        if reading.handle is not None and reading.handle in answers
    ]


def _request(number: int, row: dict[str, Any]) -> RequestFacts:
    return RequestFacts(
        pk=number,
        profile=number,
        handle=row["handle"].lower(),
        user_id=row["twitter_id"],
        first_seen_at=_moment(row["requested_on"], 23) + timedelta(minutes=30),
        display_name=row["display_name"],
        bio=row["bio"],
    )


def _approved(row: dict[str, Any], requests: tuple[RequestFacts, ...]) -> ApprovedFacts:
    profile = next((request.profile for request in requests if request.user_id == row["twitter_id"]), -_number(row["person_id"]))
    return ApprovedFacts(profile, row["twitter_id"], (row["handle"].lower(),), _number(row["person_id"]), _moment(row["approved_on"], 12))


def _truth(row: dict[str, Any]) -> Truth:
    return Truth(
        category=row["category"],
        should=row["should"],
        provable=row["auto_ok"],
        bad=row["category"].startswith("b_"),
        person=_number(row["owner"]) if row["owner"] else None,
    )


def evaluate(facts: Facts, truth: dict[int, Truth]) -> Report:
    """Run the engine over a school and compare it with the truth."""
    opinions = decide_all(facts)
    by_category: dict[str, Counter[str]] = {}
    for opinion in opinions:
        by_category.setdefault(truth[opinion.request].category, Counter())[opinion.level.value] += 1
    offered = [o for o in opinions if o.level.offers_approval]
    genuine = [o for o in opinions if not truth[o.request].bad]
    impostors = [o for o in opinions if truth[o.request].category in _IMPOSTORS]
    good = [o for o in offered if truth[o.request].should == "approve"]
    return Report(
        requests=len(opinions),
        by_level=Counter(o.level.value for o in opinions),
        by_category=by_category,
        false_approvals=[o for o in offered if truth[o.request].should != "approve"],
        provable=sum(t.provable for t in truth.values()),
        provable_offered=sum(truth[o.request].provable for o in offered),
        right_person=sum(o.person == truth[o.request].person for o in good),
        genuine_offered=len(good),
        impostors=len(impostors),
        impostors_silent=sum(o.level is Level.NONE for o in impostors),
        genuine_called_impostor=sum(o.level is Level.IMPOSTOR for o in genuine),
        genuine=len(genuine),
        review=sum(o.level in (Level.CHECK, Level.IMPOSTOR, Level.HOLD) for o in opinions),
        longest_sentence=max((len(o.sentence) for o in opinions), default=0),
    )


# Accounts made to pass for a particular person.
_IMPOSTORS = frozenset(
    f"b_{kind}" for kind in ("lookalike", "lookalike_only", "clone", "fakemail", "spoof", "maillook", "namesake", "recycled", "hijack")
)
