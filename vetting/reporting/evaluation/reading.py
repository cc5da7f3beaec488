"""A simulated school as the engine's facts. What is true of it is not read here."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from vetting.intake.authenticity import Label, Place, judge
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
from vetting.reporting.evaluation.files import each, load
from vetting.reporting.evaluation.raw_text import RECEIVER, claim_from_text, headers_of, signer_of
from vetting.values import BadValue, Handle, MailAddress


@dataclass(frozen=True)
class SchoolFiles:
    """A school's facts, and the files' own names of its people, messages and accounts by the keys that the facts use."""

    folder: Path
    facts: Facts
    people: Mapping[int, str]
    claims: Mapping[int, str]
    accounts: Mapping[int, str]


def read_school(folder: Path, *, raw_text: bool = False) -> SchoolFiles:
    """A simulated school from its JSON files.

    The files know days only: a message is put at eleven at night and its look-up at once, a request half an hour later, so
    that nothing counts as seen "before" on the strength of a shared day. With `raw_text` the messages are read by the product's own
    parser instead of taken from the fields that somebody filled in perfectly.

    Raises:
        BadValue: a file is missing or not as expected.
    """
    roster = load(folder, "roster", dict)
    rows = {name: load(folder, name, list) for name in ("claims", "requests", "approved")}
    answers = load(folder, "lookups", dict)
    if not all(isinstance(roster.get(part), list) for part in ("people", "pupils")):
        raise BadValue(f"roster.json in {folder} should hold the lists “people” and “pupils”.")
    people = _numbered(each("roster", roster["people"], lambda row: str(row["person_id"])))
    pupils = _numbered(each("roster", roster["pupils"], lambda row: str(row["pupil_id"])))
    claims = _numbered(each("claims", rows["claims"], lambda row: str(row["claim_id"])))
    accounts = _numbered(each("requests", rows["requests"], lambda row: str(row["twitter_id"])))
    approved_rows = {str(row["twitter_id"]): row for row in rows["approved"] if isinstance(row, dict) and "twitter_id" in row}
    as_claim = claim_from_text if raw_text else _claim
    found = each("claims", rows["claims"], lambda row: as_claim(claims[str(row["claim_id"])], row, _arrived(row), _authenticity(row)))
    facts = Facts(
        people=each("roster", roster["people"], lambda row: _person(row, people, pupils)),
        pupils=each("roster", roster["pupils"], lambda row: _child(row, pupils)),
        claims=tuple(claim for claim in found if claim is not None),
        lookups=tuple(_lookups(answers, (claim for claim in found if claim is not None))),
        requests=each("requests", rows["requests"], lambda row: _request(row, accounts, approved_rows)),
        approved=each("approved", rows["approved"], lambda row: _approved(row, people, accounts)),
    )
    return SchoolFiles(folder, facts, _back(people), _back(claims), _back(accounts))


def _numbered(keys: Iterable[str]) -> dict[str, int]:
    return {key: number for number, key in enumerate(dict.fromkeys(keys), start=1)}


def _back(numbers: Mapping[str, int]) -> dict[int, str]:
    return {number: key for key, number in numbers.items()}


def _moment(day: str, hour: int) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), tzinfo=UTC) + timedelta(hours=hour)


def _arrived(row: dict[str, Any]) -> datetime:
    return _moment(row["received_on"], 23)


def _address(text: str) -> MailAddress | None:
    try:
        return MailAddress.parse(text)
    except BadValue:
        return None


def _child(row: dict[str, Any], pupils: Mapping[str, int]) -> ChildFacts:
    return ChildFacts(pupils[str(row["pupil_id"])], row["first_name"], row["last_name"], row["class_name"] or "")


def _person(row: dict[str, Any], people: Mapping[str, int], pupils: Mapping[str, int]) -> PersonFacts:
    children = tuple(_child(child, pupils) for child in row["children"])
    named = " and ".join(child.given for child in children)
    relationship = str(row["relationship"] or row["role"]).capitalize()
    return PersonFacts(
        pk=people[str(row["person_id"])],
        given=" ".join(part for part in (row["first_name"], row["known_as"]) if part),
        family=row["last_name"] or "",
        previous_family=row["previous_last_name"] or "",
        addresses=frozenset(address for text in row["emails"] if (address := _address(text)) is not None),
        children=children,
        tie=f"{relationship} of {named}" if named else relationship,
        current=row["leaving_date"] is None,
        left_on=row["leaving_date"] or "",
        restricted=bool(row["no_contact"]),
    )


def _readings(text: str) -> list[ReadingFacts]:
    """The name as written; where it is none, the readings "joined" and "underscored", both guesses.

    Quotation marks and characters that nobody sees are no part of a name, as the product's parser reads it.
    """
    plain = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf").strip(" \t\"'“”‘’")
    try:
        return [ReadingFacts(text, Handle.parse(re.sub(r"^\s*@\s+", "@", plain)).value, repaired=bool(re.match(r"\s*@\s", text)))]
    except BadValue:
        found = []
        for joint in ("", "_"):
            try:
                found.append(ReadingFacts(text, Handle.parse(re.sub(r"[^A-Za-z0-9_@]+", joint, text.strip())).value, repaired=True))
            except BadValue:
                continue
        return found or [ReadingFacts(text, None)]


def _claim(number: int, row: dict[str, Any], arrived: datetime, authenticity: str) -> ClaimFacts:
    fields = row["fields"]
    return ClaimFacts(
        pk=number,
        made_at=arrived,
        readings=tuple(reading for text in fields["handles"] for reading in _readings(text)),
        sender=_address(row["from_addr"]),
        sender_name=row["from_name"] or "",
        child_text=fields["child"] or "",
        class_text=fields["class_text"] or "",
        authenticity=authenticity,
    )


def _authenticity(row: dict[str, Any]) -> str:
    """The product's own judgement of the three verdicts, as the school's mail server would have written them."""
    address = _address(row["from_addr"])
    if address is None:
        return Label.SUSPICIOUS.value
    return judge([Place(headers_of(row), RECEIVER)], address.value, signed_by=signer_of(row)).label.value


def _lookups(answers: dict[str, str | None], claims: Iterable[ClaimFacts]) -> list[LookupFacts]:
    asked = {handle.lower(): answer for handle, answer in answers.items()}
    return [
        LookupFacts(reading.handle, claim.made_at, asked[reading.handle])
        for claim in claims
        for reading in claim.readings
        if reading.handle is not None and reading.handle in asked
    ]


def _request(row: dict[str, Any], accounts: Mapping[str, int], approved: Mapping[str, Any]) -> RequestFacts:
    number = accounts[str(row["twitter_id"])]
    handle = str(row["handle"]).lower()
    seen = _moment(row["requested_on"], 23) + timedelta(minutes=30)
    before = str(approved.get(str(row["twitter_id"]), {}).get("handle", "")).lower()
    renamed = bool(before) and before != handle
    return RequestFacts(
        pk=number,
        profile=number,
        handle=handle,
        user_id=str(int(row["twitter_id"])),
        first_seen_at=seen,
        display_name=row["display_name"] or "",
        bio=row["bio"] or "",
        created_at=_moment(row["created_at"], 0) if row.get("created_at") and int(row["twitter_id"]) < 10**14 else None,
        handle_since=seen if renamed else None,
        previous_handle=before if renamed else "",
    )


def _approved(row: dict[str, Any], people: Mapping[str, int], accounts: Mapping[str, int]) -> ApprovedFacts:
    person = people[str(row["person_id"])]
    number = str(int(row["twitter_id"]))
    return ApprovedFacts(
        accounts.get(str(row["twitter_id"]), -person), number, (row["handle"].lower(),), person, _moment(row["approved_on"], 12)
    )
