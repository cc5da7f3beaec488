"""Comparing names of people: folded to plain letters, with nicknames, double-barrelled and previous surnames.

A name alone never identifies anybody (a whole family has the same surname), so these answers only rank and explain.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property, lru_cache
from itertools import pairwise

from anyascii import anyascii
from rapidfuzz.distance import OSA

from vetting.matching.alphabets import LOOK_LATIN, as_shown


class Fit(IntEnum):
    """How a text fits a person's name, best last."""

    CONTRADICTS = -1
    ABSENT = 0
    GIVEN = 1
    FAMILY = 2
    INITIAL = 3
    NEAR = 4
    FULL = 5


_TITLES = frozenset(re.findall(r"\w+", "mr mrs ms miss mx dr doctor prof professor rev revd reverend sir dame lord lady fr father sister"))
# Words of a display name that say nothing of who it is.
_FILLERS = frozenset(re.findall(r"\w+", "the and of to mum mummy dad daddy nan nana grandad parent real official just me it its im x xx"))

# Names on one line stand for one another. A short form may stand on several lines.
_VARIANTS = """
abigail abby abbie abi gail
adam ad
adrian ade
agnieszka aga agnes
aisha ayesha aysha aishah
albert al bert bertie alby
aleksandra alexandra alex ola sandra sasha alexa lexi
alexander alex alec al sandy sasha xander aleksander oleksandr oleksandra olek lex
alice ali allie
alison allison ali allie
amanda mandy manda
andrew andy drew andrii andrzej
angela angie ange
anna ann anne annie ania hanna hannah anya
anthony antony tony ant
antonia toni tonia
arthur art artie
barbara babs barb basia
benjamin ben benji benny
bernadette bernie
bernard bernie
beverley beverly bev
bradley brad
brian bryan
caroline carolyn caz carrie carol
catherine katherine kathryn catharine kate katie kathy cathy cat kat kitty kay katy kateryna kasia katarzyna
charles charlie chas chuck
charlotte charlie lottie char
christine christina chris chrissy tina krystyna chrissie
christopher chris kit topher
clifford cliff
colin col
craig craigy
daniel dan danny daniil
daniela daniella danielle dani
david dave davy davey dawid
deborah debra debbie debs deb
derek del
dmytro dima dmitri
donald don donnie
dominic dom
dorothy dot dottie
douglas doug
duncan dunc
edward ed eddie ted teddy ned edek
eileen aileen
eleanor ellie nell elle elinor lena
elizabeth elisabeth liz lizzie beth betty betsy eliza libby lisa bess elzbieta ela
emily em emmy
emma em
eugene gene yevhen
fatima fatimah fatema
faye fay
fiona fi
florence flo florrie
frances fran francesca frankie franny
francis frank frankie
frederick fred freddie freddy frederic
gabriel gabe
gabrielle gabby gabriella
gareth gaz gary garry gazza
gemma gem
geoffrey jeffrey geoff jeff
george georgie
georgina georgie gina
gerald gerry gez
gerard gerry ged
gillian gill jill jillian
gordon gord
graham graeme grahame
gregory greg
gwendoline gwen
harold harry hal
harriet hattie harry
hassan hasan
helen nell helena lena olena
henry harry hal
hussain hussein husain hossain
ian iain
isabel isobel isabelle isabella izzy bella issy
jacqueline jackie jacqui jacki
jacob jake jakub kuba
james jim jimmy jamie jem
janet jan
janice jan
jane janey
jasmine jas jaz
jeanette jean
jennifer jen jenny jenni jennie
jeremiah jerry jez
jeremy jez jem jerry
jessica jess jessie
joan joanie
joanna joanne jo joasia asia
john jon johnny jack jan
jonathan jon jonny johnny
jordan jord
joseph joe joey jozef
josephine jo josie
joshua josh
judith judy jude
julia julie jules yuliia
karen kaz
katarzyna kasia kate
kayleigh kayley kay
kelly kel
kenneth ken kenny
kevin kev
kimberley kimberly kim
laura laurie loz
laurence lawrence larry laurie loz lol
leanne lea
leonard len lenny leo
leslie lesley les
lewis louis lew lou
lillian lily lil
linda lin lynda lindy
louise lou
lucy luce
lynn lynne lyn
madeleine maddie maddy
magdalena magda lena
malcolm mal malc
malgorzata gosia margaret
margaret maggie meg peggy marge margie madge daisy greta
marcus marc mark
maria marie mary mia masha mariia
martin martyn marty
matthew matt mattie matty mateusz
maureen mo
maurice mo morris
maxwell max
megan meg
melanie mel
melissa mel missy lissa
michael mike mick mickey micky michal mykhailo
michelle shell chelle mich
mohammed muhammad mohammad mohamed muhammed mohd mo md
moira mo
mykola nick mike kola
nadia nadiia
naomi nomi
natalie nat natalia nataliia natasha tasha
nathan nate nath nathaniel
neil neal niall
nicholas nick nicky nicolas nico
nicola nicky nikki nic
oliver ollie olly
olivia liv livvy
oksana ksenia
pamela pam pammy
patricia pat patsy trish tricia patty
patrick pat paddy
paul paulie pavlo pawel
paula polly
penelope penny pen
peter pete petro piotr
philip phillip phil pip
philippa pippa pip
priscilla cilla
priyanka priya
rachel rachael rach
raymond ray
rebecca becky bex becca beck
reginald reg reggie
richard rich rick dick ricky richie dickie
robert rob bob bobby robbie bert
roberta bobbie
robin rob
rodney rod
roger rodge
ronald ron ronnie
rosemary rose rosie
ruth ruthie
ryan ry
samantha sam sammy
samuel sam sammy
sandra sandy
sarah sara sally sadie
sebastian seb bastian
sharon shaz shazza
shirley shirl
simon si
siobhan shiv
sophia sophie sofia sofiia zofia zosia
stanley stan
stephanie steph steff
stephen steven steve stevie stefan
stewart stuart stu stew
susan sue suzy susie suzanne susanna susannah
sylvia sylv
tamara tammy toma
terence terry tel terrence
teresa theresa terry tess tessa
thomas tom tommy tomasz
timothy tim timmy
tobias toby
tracey tracy trace
valerie val
vanessa ness nessa
veronica ronnie vera
victor vic viktor
victoria vicky vicki tori vic viktoriia wiktoria
vincent vince vinny
violet vi
volodymyr vova vlad wlodek
walter wally walt
wayne waz
wendy wends
william will bill billy willy liam wills
winifred win winnie fred
yusuf yousef yousuf joseph
yvonne von
zachary zac zach zack
darren daz daren
barry baz
lauren loz
"""


def _table() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in _VARIANTS.split("\n"):
        group = line.split()
        for name in group:
            found.setdefault(name, set()).update(group)
    return {name: frozenset(others) for name, others in found.items()}


_OTHERS = _table()


def variants(name: str) -> frozenset[str]:
    """A folded first name with the forms it is known to stand for, itself included."""
    return _OTHERS.get(name, frozenset()) | {name}


@lru_cache(maxsize=20_000)
def words(text: str) -> tuple[str, ...]:
    """The folded words of a name: plain lower-case letters, without titles, brackets, digits and pictures."""
    text = as_shown(text)
    kept = "".join(
        c if unicodedata.category(c)[0] in "LM" or c in " -," else "" if c in "'’`" else " "
        for c in unicodedata.normalize("NFKC", re.sub(r"\([^)]*\)", " ", text))
    )
    found = re.findall(r"[a-z]+", anyascii(kept).lower())
    return tuple(word for word in found if word not in _TITLES)


def given_words(text: str) -> tuple[str, ...]:
    """The words of a name that may tell who of a family it is: of two letters or more, and not merely "mum" or "the"."""
    return tuple(word for word in words(text) if len(word) > 1 and word not in _FILLERS)


@dataclass(frozen=True)
class NameKeys:
    """A person's name prepared for comparing. Make it once for each person with `keys`."""

    given: frozenset[str]
    known_as: frozenset[str]
    initials: frozenset[str]
    families: frozenset[str]

    @cached_property
    def wholes(self) -> frozenset[str]:
        """First name and surname in one word."""
        return frozenset(given + family for given in self.given for family in self.families)


@lru_cache(maxsize=20_000)
def keys(given: str, family: str, previous_family: str = "") -> NameKeys:
    """First names with their variants; every part of a double-barrelled surname, the whole of it, and the previous one."""
    first = words(given)
    families = {part for name in (family, previous_family) for part in (*words(name), "".join(words(name))) if part}
    own = frozenset((*first, "".join(first))) - {""}
    return NameKeys(
        given=own,
        known_as=frozenset(other for name in first for other in variants(name)) - own,
        initials=frozenset(name[0] for name in first[:1]),
        families=frozenset(families),
    )


def near(word: str, names: frozenset[str]) -> bool:
    """One slip in a word of five letters or more, two in one of nine (spellings of a name from another alphabet)."""
    for name in names:
        if len(name) >= 5 and word[0] == name[0] and abs(len(name) - len(word)) <= 2:
            most = 2 if len(name) >= 9 else 1
            if OSA.distance(word, name, score_cutoff=most) <= most:
                return True
    return False


@lru_cache(maxsize=20_000)
def words_and_pairs(text: str) -> frozenset[str]:
    """The words of a name, and each two that stand together as one: a surname may be written in two."""
    found = words(text)
    return frozenset((*found, *(a + b for a, b in pairwise(found))))


@lru_cache(maxsize=100_000)
def compare(text: str, person: NameKeys) -> Fit:
    """How a free text (a display name, a From name) fits a person's name."""
    found = words(text)
    if not found:
        return Fit.ABSENT
    if "".join(found) in person.wholes or not person.wholes.isdisjoint(found):
        return Fit.FULL
    pairs = words_and_pairs(text)
    family, given = not pairs.isdisjoint(person.families), not pairs.isdisjoint(person.given)
    if family and given:
        return Fit.FULL
    given_near = given or not pairs.isdisjoint(person.known_as) or any(near(word, person.given) for word in pairs)
    if given_near and (family or any(near(word, person.families) for word in pairs)):
        return Fit.NEAR
    return _in_part(found, family, given_near, person)


def _in_part(found: tuple[str, ...], family: bool, given: bool, person: NameKeys) -> Fit:
    if family:
        return Fit.INITIAL if any(len(word) == 1 and word in person.initials for word in found) else Fit.FAMILY
    if given:
        return Fit.GIVEN
    return Fit.CONTRADICTS if len([word for word in found if word not in _FILLERS]) >= 2 else Fit.ABSENT


@lru_cache(maxsize=100_000)
def compare_handle(handle: str, person: NameKeys) -> Fit:
    """How a Twitter name seems made from a person's name. An outsider chooses it too, so it proves nothing."""
    letters = re.sub(r"[^a-z]", "", handle)
    families = {name for name in person.families if len(name) >= 3 and name in letters}
    for family in families:
        rest = letters.replace(family, "", 1)
        if any(len(name) >= 2 and name in rest for name in person.given):
            return Fit.FULL
        if any(len(name) >= 2 and name in rest for name in person.known_as):
            return Fit.NEAR
        if rest in person.initials:
            return Fit.INITIAL
    if families:
        return Fit.FAMILY
    if any(len(name) >= 4 and name in letters for name in person.given | person.known_as):
        return Fit.GIVEN
    return Fit.ABSENT


TABLES = (_VARIANTS, " ".join(sorted(_TITLES)), " ".join(sorted(_FILLERS)), str(sorted(LOOK_LATIN.items())))
