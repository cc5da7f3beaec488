"""How people make a Twitter name, how they mistype one, and how somebody else makes one that looks like it."""

import unicodedata
from collections.abc import Callable
from random import Random

from tests.schools.people import words

LONGEST = 15
_HOBBIES = words("golf yoga runs bakes knits gooner lfc whu spurs vegan travels reads crafts darts camper gardener books")
_ANIMALS = words("fox badger otter robin hedgehog puffin heron stoat wren owl hare newt")
_MOODS = words("happy misty sleepy grumpy sunny wandering tiny quiet cosmic salty")
_PLACES = words("kent medway thanet dover ashford deal whitstable")


def letters(text: str) -> str:
    """Plain small letters, as somebody types them who cannot find the others."""
    extra = {"ł": "l", "ø": "o", "ı": "i", "đ": "d", "ß": "ss"}
    plain = "".join(extra.get(c, c) for c in text.lower())
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if "a" <= c <= "z")


Pattern = Callable[[Random, str, str, str], str]


def _year(rng: Random) -> str:
    return str(rng.randint(70, 99)) if rng.random() < 0.7 else str(rng.randint(1970, 1999))


# Given name, surname, a child's first name.
PATTERNS: tuple[Pattern, ...] = (
    lambda r, g, f, c: g + f,
    lambda r, g, f, c: f"{g}_{f}",
    lambda r, g, f, c: f + g,
    lambda r, g, f, c: f"{f}_{g}",
    lambda r, g, f, c: g[0] + f,
    lambda r, g, f, c: f"{g[0]}_{f}",
    lambda r, g, f, c: f + g[0],
    lambda r, g, f, c: g + f[0] + _year(r),
    lambda r, g, f, c: g + _year(r),
    lambda r, g, f, c: f + _year(r),
    lambda r, g, f, c: g[0] + f + _year(r),
    lambda r, g, f, c: g + f + _year(r),
    lambda r, g, f, c: g[0] + f[0] + str(r.randint(1960, 2003)),
    lambda r, g, f, c: g.title() + f.title(),
    lambda r, g, f, c: g.title() + f.title()[0] + str(r.randint(100, 999)),
    lambda r, g, f, c: (g + f)[:7].title() + str(r.randint(10_000_000, 99_999_999)),
    lambda r, g, f, c: f"mumof{r.randint(2, 4)}_{f}",
    lambda r, g, f, c: f"mummyto{c}",
    lambda r, g, f, c: f"{c}sdad",
    lambda r, g, f, c: f"the_{g}",
    lambda r, g, f, c: f"real{g}{f}",
    lambda r, g, f, c: f"{r.choice(_HOBBIES)}_{g}{r.randint(1, 999)}",
    lambda r, g, f, c: g + r.choice(_HOBBIES),
    lambda r, g, f, c: f"{r.choice(_MOODS)}{r.choice(_ANIMALS)}{r.randint(1, 999)}",
    lambda r, g, f, c: f"{r.choice(_MOODS)}_{r.choice(_ANIMALS)}",
    lambda r, g, f, c: f"{r.choice(_PLACES)}{g}{r.randint(1, 99)}",
    lambda r, g, f, c: f"x{g}x{r.randint(1, 9)}",
    lambda r, g, f, c: f"{g}{f[:3]}_{_year(r)}",
)


def handle_for(rng: Random, given: str, family: str, child: str = "") -> str:
    """A Twitter name somebody of that name may have."""
    pattern = rng.choice(PATTERNS)
    made = pattern(rng, letters(given) or "sam", letters(family) or "lee", letters(child) or "ours")[:LONGEST]
    return made if len(made.strip("_")) >= 4 else f"{made}{rng.randint(100, 999)}"


def _at(rng: Random, text: str, first: int = 0, last: int = 0) -> int:
    return rng.randint(first, max(first, len(text) - 1 - last))


_KEYS = dict(words("as sd df er rt ty op io nm mn lk hj ui cv"))


def _neighbour(rng: Random, h: str) -> str:
    places = [i for i, c in enumerate(h) if c.lower() in _KEYS]
    if not places:
        return h
    i = rng.choice(places)
    return h[:i] + _KEYS[h[i].lower()] + h[i + 1 :]


def _swap(rng: Random, h: str) -> str:
    i = _at(rng, h, 0, 1)
    return h[:i] + h[i + 1 : i + 2] + h[i] + h[i + 2 :]


def _digit(rng: Random, h: str) -> str:
    places = [i for i, c in enumerate(h) if c.isdigit()]
    if not places:
        return _swap(rng, h)
    i = rng.choice(places)
    return h[:i] + str((int(h[i]) + rng.randint(1, 9)) % 10) + h[i + 1 :]


def _dropped(rng: Random, h: str) -> str:
    i = _at(rng, h, 1)
    return h[:i] + h[i + 1 :]


def _doubled(rng: Random, h: str) -> str:
    i = _at(rng, h)
    return h[: i + 1] + h[i:]


def _underscore(rng: Random, h: str) -> str:
    return h.replace("_", "") if "_" in h else h[: len(h) // 2] + "_" + h[len(h) // 2 :]


TYPOS = (_neighbour, _swap, _dropped, _doubled, _digit, _underscore, lambda r, h: h[:-1] if len(h) > 5 else h + "s")


def mistyped(rng: Random, handle: str) -> str:
    """The name with one slip of the finger."""
    for _ in range(30):
        made = rng.choice(TYPOS)(rng, handle)[:LONGEST]
        if made.lower() != handle.lower() and made:
            return made
    return (handle + "s")[:LONGEST]


SUBSTITUTES = tuple(
    pair.split(">") for pair in words("l>I l>1 i>l i>1 o>0 0>o s>5 5>s e>3 a>4 g>9 b>8 8>b m>rn rn>m w>vv d>cl t>7 z>2 q>g u>v 6>b")
)
_BEFORE = ("real", "the", "its", "iam", "official", "mr", "mrs", "im")
_AFTER = ("_", "1", "x", "uk", "real", "_x", "2", "__", "tv", "01")


def _digits_moved(rng: Random, h: str) -> str:
    tail = "".join(c for c in h if c.isdigit())
    return h.replace(tail, str(int(tail) + rng.choice((1, 10))), 1) if tail and tail in h else h + str(rng.randint(1, 99))


def look_alike(rng: Random, handle: str) -> str:
    """A name that a person takes for this one at a glance."""
    for _ in range(60):
        way = rng.random()
        made = handle
        if way < 0.6:
            old, new = rng.choice(SUBSTITUTES)
            spots = [i for i in range(len(handle)) if handle.lower().startswith(old, i)]
            if spots:
                i = rng.choice(spots)
                made = handle[:i] + new + handle[i + len(old) :]
        elif way < 0.7:
            made = _underscore(rng, handle)
        elif way < 0.8:
            made = rng.choice(_BEFORE) + handle
        elif way < 0.9:
            made = handle + rng.choice(_AFTER)
        else:
            made = rng.choice((_digits_moved, _doubled))(rng, handle)
        if made.lower() != handle.lower() and len(made) <= LONGEST:
            return made
    return (handle[:-1] + ("x" if handle[-1] != "x" else "y")) if len(handle) >= LONGEST else handle + "_"
