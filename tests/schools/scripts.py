"""What somebody may do to a shown name so that it reads like another's."""

from random import Random

_LOOK = dict(zip("aeocpxyiABEKMHOPCTX", "аеосрхуіАВЕКМНОРСТХ", strict=True))


def with_cyrillic(rng: Random, name: str) -> str:
    """One or two letters exchanged for Cyrillic ones of the same look."""
    places = [i for i, c in enumerate(name) if c in _LOOK]
    if not places:
        return f"{name}\u200b"
    chosen = set(rng.sample(places, min(len(places), rng.randint(1, 2))))
    return "".join(_LOOK[c] if i in chosen else c for i, c in enumerate(name))


def with_nothing_seen(rng: Random, name: str) -> str:
    """Characters without width between the letters."""
    i = rng.randint(1, max(1, len(name) - 1))
    return name[:i] + rng.choice(("\u200b", "\u200d", "\u2060", "\ufeff", "\u00ad")) + name[i:]


def turned_round(name: str) -> str:
    """Written backwards and shown forwards."""
    return f"\u202e{name[::-1]}\u202c"


def full_width(name: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name)


def mathematical(name: str) -> str:
    """In the bold letters that some pages offer for shown names."""
    return "".join(chr(0x1D400 + ord(c) - 65) if "A" <= c <= "Z" else chr(0x1D41A + ord(c) - 97) if "a" <= c <= "z" else c for c in name)
