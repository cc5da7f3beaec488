"""What the school's own mail server wrote about a sender, told apart from what anybody else could have written. Pure.

Headers are stacked: each server on the way puts its own on top. So everything above the Received line by which a message entered
the receiving service was written inside it, and everything below came from outside (RFC 8601, sections 4.1 and 5).
"""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from vetting.intake.domains import household, tidy, within

# Microsoft 365 writes its results without naming a server, so it is declared by this word.
MICROSOFT = "microsoft-365"
GOOGLE = "mx.google.com"

Header = tuple[str, str]

_MICROSOFT_HOSTS = ("outlook.com", "office365.com", "exchangelabs.com")
# Where a message leaves Microsoft for another customer's mailbox: coming from there, it comes from outside.
_MICROSOFT_WAY_OUT = "outbound.protection.outlook.com"
# Exchange Online's own network. Its neighbours hold computers that anybody can rent.
_MICROSOFT_NETWORK = re.compile(r"2603:10[0-9a-f]6:[0-9a-f:.]+")
# Not ipaddress's is_private, which counts much more, among it whole ranges meant for documentation.
_INNER_NETWORKS = tuple(
    ipaddress.ip_network(network)
    for network in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7", "fe80::/10")
)
# Google puts its results directly below its own Received line instead of above it, and always writes them.
_BELOW_OWN_RECEIVED = frozenset({GOOGLE})
_SERVER_ID = re.compile(r"\s*([\w.\-]{1,200})(?:\s+\d+)?\s*$")
_METHOD = re.compile(r"\s*([A-Za-z][\w\-]*)(?:\s*/\s*\d+)?\s*=\s*([A-Za-z]+)(?=\s|$)(.*)", re.S)
_PROPERTY = re.compile(r"([A-Za-z][\w\-]*(?:\.[\w\-]+)?)\s*=\s*([^\s;]+)")
_FROM_HOST = re.compile(r"^\s*from\s+([^\s;()]+)\s*(?:\(([^()]*))?", re.I)
_BY_HOST = re.compile(r"\bby\s+([\w.\-]+)", re.I)
_GREETING = re.compile(r"\b(?:helo|ehlo|lhlo|ident)\b.*", re.I | re.S)
_IN_BRACKETS = re.compile(r"\[(?:ipv6:)?([0-9a-f:.]{3,45})\]")


@dataclass(frozen=True)
class Result:
    """One method's verdict in a results header: `dmarc=pass header.from=example.org`. A property named twice holds both values."""

    method: str
    verdict: str
    properties: dict[str, str]


def trusted_results(headers: Sequence[Header], receiver: str) -> list[Result]:
    """The receiver's own verdicts, from the part of the headers it wrote; none where nothing shows where that part ends."""
    receiver = tidy(receiver)
    found: list[Result] = []
    for value in _own_results(headers, receiver):
        parts = split_results(value)
        server = server_in(value)
        if receiver == MICROSOFT and not server:
            return read_results(parts)
        if server == receiver:
            found += read_results(parts[1:])
    return [] if receiver in _BELOW_OWN_RECEIVED and _sealed_otherwise(headers, receiver, found) else found


def _sealed_otherwise(headers: Sequence[Header], receiver: str, found: Sequence[Result]) -> bool:
    """Whether the copy of its results that Google seals, above the line of entrance where nobody else can write, has another verdict."""
    for name, value in headers[: _entrance(headers, receiver)]:
        _, semicolon, rest = value.partition(";")
        if name.lower() == "arc-authentication-results" and semicolon and server_in(rest) == receiver:
            sealed = {result.verdict for result in read_results(split_results(rest)) if result.method == "dmarc"}
            return sealed != {result.verdict for result in found if result.method == "dmarc"}
    return False


def server_in(value: str) -> str:
    """The server id a results header begins with, or "" where it begins with a verdict, as Microsoft's does."""
    first = split_results(value)[0]
    match = None if "=" in first else _SERVER_ID.match(first)
    return tidy(match.group(1)) if match else ""


def came_in_from_outside(headers: Sequence[Header], receiver: str) -> bool:
    """Whether a Received line shows where the message entered the receiving service."""
    return _entrance(headers, tidy(receiver)) is not None


def is_internal_mail(headers: Sequence[Header]) -> bool:
    """Whether Microsoft 365 noted that it took the message as mail between colleagues. A note like any other: anybody could write it."""
    return any(name.lower() == "x-ms-exchange-organization-authas" and value.strip().lower() == "internal" for name, value in headers)


def _own_results(headers: Sequence[Header], receiver: str) -> list[str]:
    """The results headers that the receiving service wrote."""
    entrance = _entrance(headers, receiver)
    if entrance is None:
        return []
    above = [value for name, value in headers[:entrance] if name.lower() == "authentication-results"]
    if receiver not in _BELOW_OWN_RECEIVED:
        return above
    for name, value in headers[entrance + 1 :]:
        if name.lower() == "authentication-results":
            return [*above, value]
        if name.lower() != "received-spf":
            break
    return above


def _entrance(headers: Sequence[Header], receiver: str) -> int | None:
    """The index of the Received line by which the message entered the receiving service."""
    for index, (name, value) in enumerate(headers):
        if name.lower() != "received" or not _came_from_outside(value, receiver):
            continue
        by = _BY_HOST.search(value)
        named = tidy(by.group(1)) if by else ""
        # Google's results stand below this line, so it must be the line of the server whose results are wanted.
        return index if receiver not in _BELOW_OWN_RECEIVED or named == receiver else None
    return None


def _came_from_outside(received: str, receiver: str) -> bool:
    """Whether this hop came from beyond the receiving service. The name a sender gives itself never counts alone: the part in round
    brackets, which our own server wrote, must agree."""
    hop = _FROM_HOST.match(received)
    if hop is None:
        return False
    claimed, observed = tidy(hop.group(1)), (hop.group(2) or "").lower()
    if _private(claimed, observed):
        return False
    if receiver in _BELOW_OWN_RECEIVED:
        return True
    if "may be forged" in received.lower():
        return True
    seen = tidy(observed.split()[0]) if observed.split() else ""
    if receiver == MICROSOFT:
        inside = any(within(claimed, host) for host in _MICROSOFT_HOSTS) and not within(claimed, _MICROSOFT_WAY_OUT)
        return not (inside and _MICROSOFT_NETWORK.fullmatch(seen))
    return not any(within(claimed, host) and within(seen, host) for host in household(receiver))


def _private(claimed: str, observed: str) -> bool:
    """Whether the hop was inside the machine or the local network, by the address our server saw.

    That address stands in square brackets, or alone between the round ones. What follows "helo" or "ident" there, and any number in the
    name the sender gave itself, is the sender's text. Exim alone puts the address it saw in front: `from [192.0.2.1] (helo=example.org)`.
    """
    written = _GREETING.sub("", observed)
    bracketed = _IN_BRACKETS.findall(written)
    if not bracketed and written != observed:
        bracketed = _IN_BRACKETS.findall(claimed)
    try:
        address = ipaddress.ip_address(bracketed[-1] if bracketed else written.strip())
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
            properties: dict[str, str] = {}
            for name, value in _PROPERTY.findall(method.group(3)):
                key = name.lower()
                properties[key] = value if properties.get(key, value) == value else f"{properties[key]} {value}"
            results.append(Result(method.group(1).lower(), method.group(2).lower(), properties))
    return results
