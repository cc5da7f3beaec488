"""What may be believed about who sent a message. Pure.

Anybody can write any header, so only one voice counts: the Authentication-Results of the mail server that received the message for
the school, and that only where a Technician declared its name (RFC 8601, section 5: results are for those configured to trust them)
and only from the part of the headers that this server wrote. A pass says that a mailbox provider stands behind the address; it
does not say that the person is who they claim to be, and nothing here ever approves anybody.
"""

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz.distance import DamerauLevenshtein

from vetting.intake.parsing.decoding import decode_words
from vetting.intake.parsing.vocabulary import words
from vetting.values import BadValue, MailAddress

# Microsoft 365 writes its results without naming a server, so it is declared by this word.
MICROSOFT = "microsoft-365"

Header = tuple[str, str]

_MICROSOFT_HOSTS = ("outlook.com", "office365.com", "exchangelabs.com")
_MICROSOFT_NETWORKS = ("2603:10", "2a01:111:")
# Not ipaddress's is_private, which counts much more, among it whole ranges meant for documentation.
_INNER_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10")
)
# Google puts its results directly below its own Received line instead of above it, and always writes them.
_BELOW_OWN_RECEIVED = {"mx.google.com"}
_ADDRESS = re.compile(r"[\w.+'\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,5}")
_SERVER_ID = re.compile(r"\s*([\w.\-]{1,200})(?:\s+\d+)?\s*(?:;|$)")
_METHOD = re.compile(r"\s*([A-Za-z][\w\-]*)(?:/\d+)?\s*=\s*([A-Za-z]+)(.*)", re.S)
_PROPERTY = re.compile(r"([A-Za-z][\w\-]*(?:\.[\w\-]+)?)\s*=\s*\"?([^\s\";]+)")
_FROM_HOST = re.compile(r"^\s*from\s+([^\s;()]+)\s*(?:\(([^)]*)\))?", re.I)
_BY_HOST = re.compile(r"\bby\s+([\w.\-]+)", re.I)
_PROVIDERS = words(
    """
    gmail.com googlemail.com outlook.com outlook.co.uk hotmail.com hotmail.co.uk live.com live.co.uk msn.com yahoo.com
    yahoo.co.uk ymail.com icloud.com me.com mac.com aol.com aol.co.uk btinternet.com btopenworld.com sky.com talktalk.net
    virginmedia.com ntlworld.com protonmail.com proton.me mail.com email.com gmx.com gmx.co.uk fastmail.com
    """
)
_SECOND_LEVEL = words("co.uk org.uk ac.uk sch.uk gov.uk me.uk ltd.uk plc.uk net.uk nhs.uk com.au co.nz co.za")


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
class Result:
    """One method's verdict in a results header: `dmarc=pass header.from=example.org`."""

    method: str
    verdict: str
    properties: dict[str, str]


def assess(headers: Sequence[Header], trusted_receiver: str, from_address: str) -> Assessment:
    """Judge a message by its top headers.

    Args:
        headers: in the order they stand, unfolded, not decoded.
        trusted_receiver: the server id a Technician declared ("mx.google.com", `MICROSOFT`), or "" for none.
        from_address: the one address the message is from, or "" when there is no single one.
    """
    suspicion = _suspicion(headers, from_address)
    if suspicion:
        return Assessment(Label.SUSPICIOUS, suspicion)
    if not trusted_receiver:
        return Assessment(Label.NOT_CHECKED, "Cannot tell who sent it: no mail server is declared to check senders here.")
    results = trusted_results(headers, trusted_receiver)
    if not results:
        return Assessment(Label.NOT_CHECKED, "Cannot tell who sent it: the school's mail server left no result.")
    return _judge(results, MailAddress.parse(from_address).domain)


def _judge(results: list[Result], domain: str) -> Assessment:
    dmarc = [result for result in results if result.method == "dmarc"]
    named = {result.properties["header.from"].lower().rpartition("@")[2] for result in dmarc if "header.from" in result.properties}
    if any(result.verdict in ("fail", "permerror", "reject", "quarantine") for result in dmarc):
        return Assessment(Label.SUSPICIOUS, f"The school's mail server found that this did not come from {domain}.")
    if named - {domain}:
        return Assessment(Label.SUSPICIOUS, "The address shown as the sender is not the one the school's mail server checked.")
    if dmarc and all(result.verdict == "pass" for result in dmarc) and named == {domain}:
        return Assessment(Label.CHECKED, f"Really came from {domain}: the school's mail server checked it.")
    for result in results:
        aligned = _aligned(result, domain)
        partly = (result.method == "dmarc" and result.verdict in ("bestguesspass", "pass")) or (
            result.method == "compauth" and result.verdict == "pass"
        )
        if partly or (aligned and result.verdict == "pass"):
            return Assessment(Label.PARTLY, f"Probably came from {domain}: only part of the check was possible.")
    return Assessment(Label.NOT_CHECKED, f"Cannot tell who sent it: {domain} gives mail servers nothing to check.")


def _aligned(result: Result, domain: str) -> bool:
    """Whether the domain this method vouches for belongs to the same organisation as the sender's."""
    names = {"spf": ("smtp.mailfrom", "smtp.helo"), "dkim": ("header.d", "header.i")}.get(result.method, ())
    return any(_organisation(result.properties.get(name, "").rpartition("@")[2]) == _organisation(domain) for name in names)


def _suspicion(headers: Sequence[Header], from_address: str) -> str:
    senders = [value for name, value in headers if name.lower() == "from"]
    if len(senders) > 1:
        return "It names more than one sender."
    if not from_address:
        return "It does not say clearly who sent it." if senders else "It does not say who sent it."
    shown = decode_words(senders[0]).lower() if senders else ""
    if any(address != from_address for address in _ADDRESS.findall(shown)):
        return "The sender's name shows another e-mail address than the one it came from."
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


def trusted_results(headers: Sequence[Header], receiver: str) -> list[Result]:
    """The declared receiver's own verdicts: the topmost of its headers, where it stands in the part that receiver wrote."""
    receiver = receiver.strip().lower()
    for name, value in _written_by(headers, receiver):
        if name.lower() != "authentication-results":
            continue
        parts = split_results(value)
        server = _server(parts[0]) if parts else ""
        if receiver == MICROSOFT and not server:
            return read_results(parts)
        if server == receiver:
            return read_results(parts[1:])
    return []


def _written_by(headers: Sequence[Header], receiver: str) -> Iterator[Header]:
    """The headers above the Received line by which the message entered the receiving service; for Google the few below it too."""
    entered = False
    for name, value in headers:
        lower = name.lower()
        if entered and lower not in ("received-spf", "authentication-results"):
            return
        if lower == "received" and _came_from_outside(value, receiver):
            by = _BY_HOST.search(value)
            if receiver not in _BELOW_OWN_RECEIVED or by is None or by.group(1).lower() != receiver:
                return
            entered = True
            continue
        yield name, value
        if entered and lower == "authentication-results":
            return


def _came_from_outside(received: str, receiver: str) -> bool:
    """Whether this hop came from beyond the receiving service. The name a sender gives itself counts only where the line's
    bracketed part, which our own server wrote, agrees."""
    hop = _FROM_HOST.match(received)
    if hop is None:
        return False
    claimed, observed = hop.group(1).lower(), (hop.group(2) or "").lower()
    hosts = _MICROSOFT_HOSTS if receiver == MICROSOFT else (_organisation(receiver),)
    if _private(claimed, observed):
        return False
    inside = any(claimed == host or claimed.endswith(f".{host}") for host in hosts)
    seen_inside = any(host in observed for host in hosts) or (receiver == MICROSOFT and any(net in observed for net in _MICROSOFT_NETWORKS))
    return not (inside and seen_inside)


def _private(claimed: str, observed: str) -> bool:
    """Whether the hop was inside the machine or the local network, by the address our server saw.

    That address stands in square brackets, or alone between the round ones; any other number in the line may be the sender's text.
    """
    bracketed = re.findall(r"\[(?:ipv6:)?([0-9a-f:.]{3,45})\]", f"{claimed} {observed}")
    try:
        address = ipaddress.ip_address(bracketed[0] if bracketed else observed.strip())
    except ValueError:
        return not observed and claimed == "localhost"
    return any(address in network for network in _INNER_NETWORKS)


def split_results(value: str) -> list[str]:
    """Cut a results header at the semicolons outside comments and quotes, with comments and quoted text taken out.

    A `dmarc=pass` inside a comment or quotes is somebody's text, not a verdict. One pass over the characters.
    """
    parts: list[str] = []
    current: list[str] = []
    depth, quoted, escaped = 0, False, False
    for character in value:
        if escaped:
            escaped = False
        elif character == "\\" and (depth or quoted):
            escaped = True
        elif quoted:
            quoted = character != '"'
        elif character == '"' and not depth:
            quoted = True
        elif character == "(":
            depth += 1
        elif character == ")" and depth:
            depth -= 1
        elif depth:
            continue
        elif character == ";":
            parts.append("".join(current))
            current = []
        else:
            current.append(character)
    return [*parts, "".join(current)]


def read_results(parts: Sequence[str]) -> list[Result]:
    """The verdicts in the parts. What is not `method=verdict` (Microsoft's stray domains, "none") is passed over."""
    results = []
    for part in parts:
        method = _METHOD.match(part)
        if method:
            properties = {name.lower(): value for name, value in _PROPERTY.findall(method.group(3))}
            results.append(Result(method.group(1).lower(), method.group(2).lower(), properties))
    return results


def _server(part: str) -> str:
    """The server id in front, or "" where the header begins with a verdict, as Microsoft's does."""
    match = None if "=" in part else _SERVER_ID.match(part)
    return match.group(1).lower() if match else ""


def _organisation(domain: str) -> str:
    """The part of a domain somebody registers: its last two labels, or three below a known public second level."""
    labels = domain.lower().strip(".").split(".")
    keep = 3 if ".".join(labels[-2:]) in _SECOND_LEVEL else 2
    return ".".join(labels[-keep:])
