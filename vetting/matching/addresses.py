"""E-mail addresses made to look like one the school holds."""

from rapidfuzz.distance import OSA

from vetting.matching.handles import skeleton
from vetting.values import MailAddress

# Providers that families really use: the same name at another of these is a new address, not an imitation.
_PROVIDERS = """
gmail.com googlemail.com hotmail.com hotmail.co.uk outlook.com outlook.co.uk live.com live.co.uk msn.com icloud.com me.com mac.com
yahoo.com yahoo.co.uk ymail.com rocketmail.com aol.com aol.co.uk btinternet.com btopenworld.com sky.com talktalk.net virginmedia.com
ntlworld.com blueyonder.co.uk tiscali.co.uk plus.com plusnet.com protonmail.com proton.me pm.me mail.com email.com gmx.com gmx.net
gmx.co.uk zoho.com fastmail.com hey.com tutanota.com ukr.net wp.pl o2.pl onet.pl interia.pl
"""
KNOWN_PROVIDERS = frozenset(_PROVIDERS.split())


def _shape(text: str) -> str:
    return ".".join(skeleton(part) for part in text.split("."))


_BY_SHAPE = {_shape(known): known for known in sorted(KNOWN_PROVIDERS, reverse=True)}


def shape_of_name(address: MailAddress) -> str:
    """The shape of what stands before the @. An address imitates only one of the same shape."""
    return _shape(address.value.rpartition("@")[0])


def imitates_provider(address: MailAddress) -> str:
    """The provider a domain is made to look like (gmai1.com), or nothing."""
    return "" if address.domain in KNOWN_PROVIDERS else _BY_SHAPE.get(_shape(address.domain), "")


def imitates(address: MailAddress, known: MailAddress) -> bool:
    """Whether `address` is another mailbox made to look like `known`. Many honest parents have the same name at another provider."""
    if address.mailbox == known.mailbox:
        return False
    local, known_local = (a.value.rpartition("@")[0] for a in (address, known))
    same_domain = address.domain == known.domain
    if same_domain:
        return local.replace("_", ".") != known_local.replace("_", ".") and _shape(local) == _shape(known_local)
    if address.domain in KNOWN_PROVIDERS or _shape(local) != _shape(known_local):
        return False
    near = OSA.distance(address.domain, known.domain, score_cutoff=2) <= (1 if len(known.domain) < 12 else 2)
    return near or _shape(address.domain) == _shape(known.domain)


TABLES = (" ".join(sorted(KNOWN_PROVIDERS)),)
