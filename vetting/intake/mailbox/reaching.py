"""Which mail servers may be called: public ones, and those the operator named.

Whoever may connect a mailbox chooses the host, and the answer says what was found there. Without a fence that would let a Technician of
one school feel out the network around the server. A name is looked up once and the address that was checked is the one connected to:
a second look-up could give another answer.
"""

import ipaddress
import socket
from collections.abc import Iterable

from django.conf import settings

from vetting.intake.mailbox.port import MailboxTrouble

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# RFC 6052: the last 32 bits of an address in this network name an IPv4 host.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def is_this_computer(host: str) -> bool:
    """Whether a host is written as a loopback address. Names are not looked up: what they mean can change."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_public(address: Address) -> bool:
    """Whether an address, and any IPv4 address hidden in it, belongs to a single host of the public network."""
    return all(one.is_global and not one.is_multicast for one in (address, *_inside(address)))


def may_be_called(host: str, address: Address, inside: Iterable[str]) -> bool:
    """Whether mail may be read from `host` at `address`.

    Args:
        inside: the names and networks the operator allows besides the public ones, as in MAIL_SERVERS_INSIDE.
    """
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return is_public(address) or any(_covers(allowed, host, mapped or address) for allowed in inside)


def reach(host: str, port: int, seconds: float) -> socket.socket:
    """Connect to a server from which mail may be read.

    Raises:
        MailboxTrouble: none of its addresses may be called.
        OSError: the look-up or every try to connect failed.
    """
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    allowed = [row for row in found if may_be_called(host, ipaddress.ip_address(row[4][0]), settings.MAIL_SERVERS_INSIDE)]
    if not allowed:
        raise MailboxTrouble(
            f"{host} lies inside a private network, where mail is not read from unless the operator allows it (MAIL_SERVERS_INSIDE).",
            lasting=True,
        )
    failure: OSError | None = None
    for family, kind, protocol, _, address in allowed:
        connection = socket.socket(family, kind, protocol)
        try:
            connection.settimeout(seconds)
            connection.connect(address)
        except OSError as error:
            connection.close()
            failure = failure or error
        else:
            return connection
    raise failure or OSError("no address")


def _inside(address: Address) -> list[Address]:
    """The IPv4 addresses an IPv6 address leads to by mapping or a tunnel."""
    if isinstance(address, ipaddress.IPv4Address):
        return []
    hidden: list[Address | None] = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        hidden.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [one for one in hidden if one is not None]


def _covers(allowed: str, host: str, address: Address) -> bool:
    try:
        return address in ipaddress.ip_network(allowed, strict=False)
    except ValueError:
        return allowed.lower().rstrip(".") == host.lower().rstrip(".")
