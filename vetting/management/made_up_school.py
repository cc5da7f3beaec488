"""A made-up school for the benches: families, their messages and those who ask to follow, from a seed. Nobody in it exists."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from vetting.matching.facts import ApprovedFacts, ChildFacts, ClaimFacts, Facts, LookupFacts, PersonFacts, ReadingFacts, RequestFacts
from vetting.values import MailAddress

MORNING = datetime(2026, 11, 9, 9, 0, tzinfo=UTC)
_GIVEN_NAMES = """
Amelia Oliver Sarah James Priya Tomasz Agnieszka Mohammed Aisha Daniel Emma Laura Andrew Chloe Liam Sophie Ravi Anita Peter Claire
Katarzyna Piotr Fatima Yusuf Grace Hannah Robert Elizabeth Michael Olena Dmytro Samuel Rachel Thomas Nicola Kevin Joanne Stephen
Zoe Imran
"""
_GIVEN = tuple(_GIVEN_NAMES.split())
_FAMILY_NAMES = """
Smith Jones Taylor Patel Brown Williams Wilson Johnson Davies Robinson Wright Thompson Evans Walker White Roberts Green Hall Wood
Jackson Clarke Kowalski Nowak Khan Ahmed Hussain Begum Shevchenko Bondarenko Murphy Kelly Okafor Mensah Campbell Stewart Hughes
Edwards Harris Lewis Martin Cooper King Baker Turner Hill Moore Ward Morris Watson Bennett Carter Richardson Shah Singh Kaur
Osborne Fairclough Winterbourne
"""
_FAMILY = tuple(_FAMILY_NAMES.split())
_BEGIN = (
    "Ash",
    "Black",
    "Bir",
    "Cran",
    "Dal",
    "Ever",
    "Fair",
    "Gold",
    "Hart",
    "King",
    "Lang",
    "Mar",
    "Nor",
    "Old",
    "Pen",
    "Ray",
    "Sher",
    "Thorn",
)
_END = (
    "bourne",
    "by",
    "combe",
    "croft",
    "den",
    "field",
    "ford",
    "ham",
    "ley",
    "man",
    "more",
    "ridge",
    "shaw",
    "stone",
    "ton",
    "well",
    "wick",
    "worth",
)
_SHOWN_ABROAD = {"Olena": "Олена", "Dmytro": "Дмитро", "Shevchenko": "Шевченко", "Bondarenko": "Бондаренко"}
_CLASSES = ("Oak", "Elm", "Ash", "Beech", "3B", "6A")
_LOOKS = str.maketrans("olise", "0115f")


class _Maker:
    """Draws a school name by name; what it made stands in its lists."""

    def __init__(self, seed: int) -> None:
        self.draw = Random(seed)  # noqa: S311  # a made-up school, no secret
        self.people: list[PersonFacts] = []
        self.pupils: list[ChildFacts] = []
        self.claims: list[ClaimFacts] = []
        self.lookups: list[LookupFacts] = []
        self.requests: list[RequestFacts] = []
        self.approved: list[ApprovedFacts] = []
        self.taken: set[str] = set()

    def family(self) -> list[PersonFacts]:
        surname = self.surname()
        if self.draw.random() < 0.08:
            surname = f"{surname}-{self.surname()}"
        children = tuple(
            ChildFacts(len(self.pupils) + place + 1, self.draw.choice(_GIVEN), surname, self.draw.choice(_CLASSES))
            for place in range(self.draw.choice((1, 1, 1, 2, 2, 3)))
        )
        self.pupils += children
        adults = [self._adult(surname, children) for _ in range(self.draw.choice((1, 2, 2, 2)))]
        if len(adults) == 2 and self.draw.random() < 0.1:
            adults = [replace(adult, addresses=adults[0].addresses) for adult in adults]
        return adults

    def surname(self) -> str:
        """Half of all families have a common surname, the others hardly share theirs."""
        return self.draw.choice(_FAMILY) if self.draw.random() < 0.5 else self.draw.choice(_BEGIN) + self.draw.choice(_END)

    def _adult(self, surname: str, children: tuple[ChildFacts, ...]) -> PersonFacts:
        given = self.draw.choice(_GIVEN)
        family = surname if self.draw.random() < 0.85 else self.surname()
        address = MailAddress(f"{given}.{family}{self.draw.randrange(1, 9999)}@{self.draw.choice(('gmail.com', 'btinternet.com'))}".lower())
        return PersonFacts(
            pk=0,
            given=given,
            family=family,
            addresses=frozenset({address}),
            children=children,
            tie=f"Parent of {children[0].given} ({children[0].class_name})",
            current=self.draw.random() > 0.04,
            restricted=self.draw.random() < 0.01,
        )

    def handle(self, person: PersonFacts) -> str:
        given, family = (name.lower().replace("-", "") for name in (person.given, person.family))
        number = self.draw.randrange(1, 999)
        forms = (f"{given}{family}", f"{given}_{family}", f"{given[0]}{family}{number}", f"{family}{given}{number}", f"{given}{number}x")
        return self.free(self.draw.choice((*forms, f"mumof{number}", f"{self.draw.choice(('misty', 'coffee', 'vintage'))}_badger{number}")))

    def free(self, wanted: str) -> str:
        handle = wanted[:15]
        while handle in self.taken:
            handle = f"{handle[:11]}{self.draw.randrange(1000, 9999)}"
        self.taken.add(handle)
        return handle

    def moment(self) -> datetime:
        return MORNING - timedelta(minutes=self.draw.randrange(60 * 24 * 60))

    def number(self, before: datetime) -> str:
        made = before - timedelta(days=self.draw.randrange(100, 3000))
        return str(((int(made.timestamp() * 1000) - 1_288_834_974_657) << 22) + len(self.requests))

    def shown(self, person: PersonFacts) -> str:
        name = " ".join(_SHOWN_ABROAD.get(part, part) for part in (person.given, person.family))
        return self.draw.choice((name, name, person.given, f"{person.given[0]} {person.family}", "", "Just a mum"))

    def ask(self, handle: str, name: str, at: datetime, number: str | None = None) -> RequestFacts:
        pk = len(self.requests) + 1
        request = RequestFacts(pk, pk, handle, number or self.number(at), at, display_name=name)
        self.requests.append(request)
        return request

    def write(self, person: PersonFacts, handle: str, at: datetime, address: MailAddress | None = None) -> None:
        child = self.draw.choice(person.children) if person.children else None
        self.claims.append(
            ClaimFacts(
                pk=len(self.claims) + 1,
                made_at=at,
                readings=(ReadingFacts(f"@{handle}", handle),),
                sender=address or next(iter(person.addresses)),
                sender_name=person.name,
                child_text=child.given if child else "",
                class_text=child.class_name if child else "",
                authenticity=self.draw.choice(("CHECKED",) * 9 + ("NOT_CHECKED",)),
            )
        )

    def genuine(self, person: PersonFacts) -> None:
        """Somebody on the list writes and asks; a few mistype, use another address or have been renamed."""
        handle, at = self.handle(person), self.moment()
        number, written, now = self.number(at), handle, handle
        slip = self.draw.random()
        if slip < 0.08:
            place = self.draw.randrange(len(handle))
            written = handle[:place] + handle[place + 1 :] or handle
        elif slip < 0.12:
            now = self.free(f"{handle[:12]}_22")
        other = MailAddress(f"{person.given}{self.draw.randrange(9999)}@outlook.com".lower()) if self.draw.random() < 0.1 else None
        self.write(person, written, at, other)
        if self.draw.random() < 0.92:
            self.lookups.append(LookupFacts(written, at + timedelta(minutes=1), number if written == handle else None))
        self.ask(now, self.shown(person), at + timedelta(hours=self.draw.randrange(1, 90)), number)

    def imitation(self, person: PersonFacts) -> None:
        """Somebody makes a name like one that exists."""
        known = self.draw.choice(self.requests)
        tricks: tuple[Callable[[str], str], ...] = (
            lambda name: name.translate(_LOOKS),
            lambda name: f"real{name}",
            lambda name: f"{name}1",
            lambda name: f"{name[:4]}_{name[4:]}",
        )
        self.ask(self.free(self.draw.choice(tricks)(known.handle)), self.draw.choice((known.display_name, person.name)), self.moment())

    def stranger(self, person: PersonFacts) -> None:
        """Somebody nobody wrote of; now and then with a name that somebody on the list has."""
        name = person.name if self.draw.random() < 0.1 else f"{self.draw.choice(_GIVEN)} {self.draw.choice(('Quill', 'Vance', 'Ray', ''))}"
        self.ask(self.free(f"{self.draw.choice(_GIVEN)}{self.draw.randrange(99999)}".lower()), name.strip(), self.moment())


def made_up_school(*, families: int = 250, seed: int = 1) -> Facts:
    """A school with about a claim for each family and seven requests for each four."""
    maker = _Maker(seed)
    for _ in range(families):
        for adult in maker.family():
            maker.people.append(replace(adult, pk=len(maker.people) + 1))
    writers = maker.draw.sample(maker.people, k=min(len(maker.people), families))
    for person in writers:
        maker.genuine(person)
    for _ in range(families * 3 // 8):
        maker.imitation(maker.draw.choice(maker.people))
        maker.stranger(maker.draw.choice(maker.people))
    for request in maker.draw.sample(maker.requests, k=families // 16):
        person = maker.draw.choice(maker.people)
        maker.approved.append(ApprovedFacts(request.profile, request.user_id, (request.handle,), person.pk, MORNING - timedelta(days=300)))
    return Facts(
        people=tuple(maker.people),
        pupils=tuple(maker.pupils),
        claims=tuple(maker.claims),
        lookups=tuple(maker.lookups),
        requests=tuple(maker.requests),
        approved=tuple(maker.approved),
    )


def made_up_handles(count: int, *, seed: int) -> list[str]:
    """Different Twitter names as people make them: of their names with and without figures, or of nothing in particular."""
    draw = Random(seed)  # noqa: S311  # made-up names, no secret
    found: dict[str, None] = {}
    while len(found) < count:
        given, family, number = draw.choice(_GIVEN).lower(), draw.choice(_FAMILY).lower(), draw.randrange(1, 9999)
        plain = "".join(draw.choices("abcdefghijklmnoprstuvwyz", k=draw.randrange(6, 14)))
        forms = (f"{given}{family}", f"{given}_{family}{number}", f"{given[0]}{family}{number}", f"{family}{given}{number}", plain, plain)
        found[draw.choice(forms)[:15]] = None
    return list(found)
