"""What may be believed about who sent a message. Pure.

Anybody can write any header, so two voices count and no others: the Authentication-Results of the mail server that received the
message for the school, where a probe showed or a Technician declared that server's name (RFC 8601, section 5: results are for those
configured to trust them) and only from the part of the headers that this server wrote; and a signature by the sender's own
domain that we checked ourselves. A pass says that a mailbox provider stands behind the address; it does not say that the person
is who they claim to be, and nothing here ever approves anybody. docs/decisions/0007 says why each rule is as it is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import DamerauLevenshtein

from vetting.intake.domains import aligned
from vetting.intake.parsing.decoding import decode_words
from vetting.intake.parsing.vocabulary import words
from vetting.intake.receivers import (
    GOOGLE,
    MICROSOFT,
    Header,
    Result,
    came_in_from_outside,
    is_internal_mail,
    read_results,
    split_results,
    trusted_results,
)
from vetting.values import BadValue, MailAddress

__all__ = [
    "GOOGLE",
    "MICROSOFT",
    "Assessment",
    "Header",
    "Label",
    "Place",
    "Result",
    "assess",
    "judge",
    "read_results",
    "split_results",
    "trusted_results",
]

_ADDRESS = re.compile(r"[\w.+'\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,5}")
_PROVIDERS = words(
    """
    gmail.com googlemail.com outlook.com outlook.co.uk hotmail.com hotmail.co.uk live.com live.co.uk msn.com yahoo.com
    yahoo.co.uk ymail.com icloud.com me.com mac.com aol.com aol.co.uk btinternet.com btopenworld.com sky.com talktalk.net
    virginmedia.com ntlworld.com protonmail.com proton.me mail.com email.com gmx.com gmx.co.uk fastmail.com
    """
)


class Label(StrEnum):
    """The four words the office sees. Values equal VerificationEmail.Authenticity's."""

    CHECKED = "CHECKED"
    PARTLY = "PARTLY"
    NOT_CHECKED = "NOT_CHECKED"
    SUSPICIOUS = "SUSPICIOUS"


@dataclass(frozen=True)
class Assessment:
    """A label and the one sentence that gives its reason."""

    label: Label
    sentence: str


@dataclass(frozen=True)
class Place:
    """The headers of a message as they stood where it was seen, and the mail server believed there; "" where none is."""

    headers: Sequence[Header]
    receiver: str = ""


def assess(headers: Sequence[Header], trusted_receiver: str, from_address: str) -> Assessment:
    """Judge a message seen at one place by its top headers alone.

    Args:
        headers: in the order they stand, unfolded, not decoded.
        trusted_receiver: the server id a probe showed or a Technician declared ("mx.google.com", `MICROSOFT`), or "" for none.
        from_address: the one address the message is from, or "" when there is no single one.
    """
    return judge([Place(headers, trusted_receiver)], from_address)


def judge(places: Sequence[Place], from_address: str, *, signed_by: str = "") -> Assessment:
    """Judge a message by every place it was seen at.

    Args:
        places: at least one. What the content shows counts everywhere; a check counts where its server is believed.
        signed_by: the domain whose signature we found whole, over the heading and the entire body; "" where there is none, or where the
            message did not come in through a mailbox whose server is believed.
    """
    for place in places:
        suspicion = _suspicion(place.headers, from_address)
        if suspicion:
            return Assessment(Label.SUSPICIOUS, suspicion)
    domain = MailAddress.parse(from_address).domain
    found = [_by_headers(place, domain) for place in places]
    for label in (Label.CHECKED, Label.SUSPICIOUS):
        if best := _first(found, label):
            return best
    if signed_by and aligned(signed_by, domain):
        return Assessment(Label.CHECKED, f"Really came from {domain}: its signature is whole.")
    if best := _first(found, Label.PARTLY):
        return best
    # The place that could have been checked says most.
    return next((one for one, place in zip(found, places, strict=True) if place.receiver), found[0])


def _first(found: Sequence[Assessment], label: Label) -> Assessment | None:
    return next((assessment for assessment in found if assessment.label is label), None)


def _by_headers(place: Place, domain: str) -> Assessment:
    if not place.receiver:
        return Assessment(Label.NOT_CHECKED, "Cannot tell who sent it: no mail server is declared to check senders here.")
    results = trusted_results(place.headers, place.receiver)
    if results:
        return _by_results(results, domain)
    if place.receiver == MICROSOFT and is_internal_mail(place.headers) and not came_in_from_outside(place.headers, MICROSOFT):
        return Assessment(Label.NOT_CHECKED, "It is marked as mail between colleagues. That alone does not show who wrote it.")
    return Assessment(Label.NOT_CHECKED, "Cannot tell who sent it: the school's mail server left no result.")


def _by_results(results: list[Result], domain: str) -> Assessment:
    """What the trusted server's verdicts say. A chain of forwarders (arc) neither raises nor softens: whoever forwards vouches for it."""
    dmarc = [result for result in results if result.method == "dmarc"]
    named = {result.properties["header.from"].lower().rpartition("@")[2] for result in dmarc if "header.from" in result.properties}
    if any(result.verdict in ("fail", "permerror", "reject", "quarantine") for result in dmarc):
        return Assessment(Label.SUSPICIOUS, f"The school's mail server found that this did not come from {domain}.")
    if named - {domain}:
        return Assessment(Label.SUSPICIOUS, "The address shown as the sender is not the one the school's mail server checked.")
    if dmarc and all(result.verdict == "pass" for result in dmarc) and named == {domain}:
        return Assessment(Label.CHECKED, f"Really came from {domain}: the school's mail server checked it.")
    if any(result.method == "compauth" and result.verdict == "fail" for result in results):
        return Assessment(Label.NOT_CHECKED, f"Cannot tell who sent it: the school's mail server doubts that it came from {domain}.")
    for result in results:
        partly = (result.method == "dmarc" and result.verdict in ("bestguesspass", "pass")) or (
            result.method == "compauth" and result.verdict == "pass"
        )
        if partly or (_vouches(result, domain) and result.verdict == "pass"):
            return Assessment(Label.PARTLY, f"Probably came from {domain}: only part of the check was possible.")
    return Assessment(Label.NOT_CHECKED, f"Cannot tell who sent it: {domain} gives mail servers nothing to check.")


def _vouches(result: Result, domain: str) -> bool:
    """Whether the domain this method speaks of is the sender's."""
    names = {"spf": ("smtp.mailfrom", "smtp.helo"), "dkim": ("header.d", "header.i")}.get(result.method, ())
    return any(aligned(result.properties.get(name, "").rpartition("@")[2], domain) for name in names)


def _suspicion(headers: Sequence[Header], from_address: str) -> str:
    senders = [value for name, value in headers if name.lower() == "from"]
    if len(senders) > 1:
        return "It names more than one sender."
    if not from_address:
        return "It does not say clearly who sent it." if senders else "It does not say who sent it."
    shown = decode_words(senders[0]).lower() if senders else ""
    if any(address != from_address for address in _ADDRESS.findall(shown)):
        return "The sender's name shows another e-mail address than the one it came from."
    if sum(name.lower() == "subject" for name, _ in headers) > 1:
        # A check holds for the last of them, and readers show the first (RFC 6376, section 8.15).
        return "It has more than one subject, as no mail program writes them."
    replies = {
        address for name, value in headers if name.lower() == "reply-to" for address in _ADDRESS.findall(decode_words(value).lower())
    }
    if any(_mailbox(address) != _mailbox(from_address) for address in replies):
        return "An answer to it would go to another address than the one it came from."
    imitated = _imitates(from_address.rpartition("@")[2])
    return f"The address ends in {from_address.rpartition('@')[2]}, which looks like {imitated} but is not." if imitated else ""


def _mailbox(address: str) -> str:
    try:
        return MailAddress.parse(address).mailbox
    except BadValue:
        return address


def _imitates(domain: str) -> str:
    """The well-known provider this domain is one slip away from; "" for the providers themselves and for anything unlike them."""
    if domain in _PROVIDERS:
        return ""
    near = (known for known in sorted(_PROVIDERS) if len(known) >= 9 and DamerauLevenshtein.distance(domain, known, score_cutoff=1) <= 1)
    return next(near, "")
