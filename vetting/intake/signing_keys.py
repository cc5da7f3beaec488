"""The public keys that signatures are checked with: asked of the DNS once and kept for a while, so a second message asks nobody."""

from collections.abc import Callable
from datetime import datetime, timedelta

import dns.exception
import dns.name
import dns.resolver

from vetting.intake.models import SigningKey
from vetting.intake.signatures import KEY_CHARACTERS

KEPT = timedelta(days=1)
NONE_KEPT = timedelta(hours=1)
FORGOTTEN = timedelta(days=30)
SECONDS_FOR_ONE = 3.0
_SECONDS_PER_SERVER = 2.0

Resolve = Callable[[str], list[str]]
"""Gives the texts (TXT records) at a name; none where there is no such name. Raises KeysUnavailable."""


class KeysUnavailable(Exception):
    """The DNS gave no answer; it may later."""


def asking(resolver: dns.resolver.Resolver) -> Resolve:
    """A Resolve that asks this resolver, for at most three seconds."""

    def ask(name: str) -> list[str]:
        try:
            answer = resolver.resolve(dns.name.from_text(name), "TXT", lifetime=SECONDS_FOR_ONE, search=False)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError, UnicodeError) as error:
            raise KeysUnavailable(type(error).__name__) from error
        return [b"".join(row.strings).decode("utf-8", "replace") for row in answer]

    return ask


def ask_dns(name: str) -> list[str]:
    """Ask the resolver this computer is set to use. Raises KeysUnavailable."""
    try:
        resolver = dns.resolver.Resolver()
    except (dns.exception.DNSException, OSError) as error:
        raise KeysUnavailable(type(error).__name__) from error
    resolver.timeout = _SECONDS_PER_SERVER
    return asking(resolver)(name)


def find_key(*, selector: str, domain: str, at: datetime, resolve: Resolve = ask_dns) -> str:
    """The key record of a domain, "" when it has none under this name. Never inside a transaction: it may ask the DNS.

    A key is kept for a day and its absence for an hour. Raises KeysUnavailable.
    """
    kept = SigningKey.objects.filter(selector=selector, domain=domain).first()
    if kept is not None and at < kept.asked_at + (KEPT if kept.record else NONE_KEPT):
        return kept.record
    record = _record(resolve(f"{selector}._domainkey.{domain}."))
    SigningKey.objects.update_or_create(selector=selector, domain=domain, defaults={"record": record, "asked_at": at})
    return record


def forget_old_keys(*, at: datetime) -> None:
    """Whoever writes to us chooses the names we ask for, so what nobody asked for in a month goes."""
    SigningKey.objects.filter(asked_at__lt=at - FORGOTTEN).delete()


def _record(texts: list[str]) -> str:
    """The one text that is a key (RFC 6376, section 3.6.2.2), without the NUL that PostgreSQL refuses."""
    keys = [text.replace("\x00", "") for text in texts if "p=" in text and len(text) <= KEY_CHARACTERS]
    return next((text for text in keys if text.startswith("v=DKIM1")), keys[0] if keys else "")
