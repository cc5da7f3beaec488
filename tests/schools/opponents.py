"""Simpler ways to decide, for comparison: they read the same files and offer whom they believe."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from tests.schools.world import mailbox
from vetting.reporting.evaluation import Judged, Truth
from vetting.values import Level

Files = dict[str, Any]
Rule = Callable[[Files, dict[str, Any], dict[str, Any]], str | None]


def _plain(text: str) -> str:
    """A Twitter name as a careful programmer would clean it."""
    return re.sub(r"[^a-z0-9_]", "", re.sub(r"^.*\.com/", "", text.strip().lower()))


def _named(claim: dict[str, Any]) -> list[str]:
    return [_plain(text) for text in claim["fields"]["handles"]]


def _holder(files: Files, claim: dict[str, Any]) -> dict[str, Any] | None:
    return files["by_address"].get(mailbox(claim["from_addr"]))


def named_in_any_mail(files: Files, request: dict[str, Any], claim: dict[str, Any]) -> str | None:
    holder = _holder(files, claim)
    return (holder["person_id"] if holder else "somebody") if request["handle"].lower() in _named(claim) else None


def sender_on_roster(files: Files, request: dict[str, Any], claim: dict[str, Any]) -> str | None:
    return named_in_any_mail(files, request, claim) if _holder(files, claim) else None


def sender_current_and_checked(files: Files, request: dict[str, Any], claim: dict[str, Any]) -> str | None:
    holder = _holder(files, claim)
    current = holder is not None and holder["leaving_date"] is None and not holder["no_contact"]
    return sender_on_roster(files, request, claim) if current and claim["auth"]["dmarc"] == "pass" else None


def _fuzzy(least: int) -> Rule:
    def rule(files: Files, request: dict[str, Any], claim: dict[str, Any]) -> str | None:
        near = any(fuzz.ratio(request["handle"].lower(), name) >= least for name in _named(claim))
        if not near:
            return None
        holder = _holder(files, claim)
        if holder:
            return holder["person_id"]
        best = max(files["roster"]["people"], key=lambda p: fuzz.ratio(claim["from_name"].lower(), _name(p)))
        return best["person_id"] if fuzz.ratio(claim["from_name"].lower(), _name(best)) >= 85 else None

    return rule


def _name(person: dict[str, Any]) -> str:
    return f"{person['first_name']} {person['last_name']}".lower()


OPPONENTS: dict[str, Rule] = {
    "name in any mail": named_in_any_mail,
    "… and sender on the roster": sender_on_roster,
    "… and current, and DMARC pass": sender_current_and_checked,
    "fuzzy, ratio at least 95": _fuzzy(95),
    "fuzzy, ratio at least 85": _fuzzy(85),
}


def judged_by(rule: Rule, folder: Path, truth: dict[str, Truth]) -> list[Judged]:
    """What a rule offers, beside the truth."""
    files = {name: json.loads((folder / f"{name}.json").read_text()) for name in ("roster", "claims", "requests")}
    files["by_address"] = {mailbox(email): person for person in files["roster"]["people"] for email in person["emails"]}
    found = []
    for request in files["requests"]:
        person = next((who for claim in files["claims"] if (who := rule(files, request, claim)) is not None), None)
        found.append(Judged(truth[request["twitter_id"]], Level.LIKELY if person else Level.NONE, person))
    return found
