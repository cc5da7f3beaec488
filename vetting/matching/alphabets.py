"""Names in other alphabets, and letters of them that only look Latin."""

import re
import unicodedata

# What stands after this mark is shown from right to left: written backwards it reads like the name.
_TURNED = re.compile("\u202e([^\u202c]*)\u202c?")

# Letters of other alphabets that look Latin: read by eye, not by sound.
LOOK_LATIN = str.maketrans(
    dict(
        zip(
            "аеорсхуіѕјкмтвнгАЕОРСХУІЅЈКМТВНαοερνικτυχΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
            "aeopcxyisjkmtbhrAEOPCXYISJKMTBHaoepvixtuxABEZHIKMNOPTYX",
            strict=True,
        )
    )
)
_ALPHABETS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE")


def as_shown(text: str) -> str:
    """The text in the order in which it is seen."""
    return _TURNED.sub(lambda turned: turned.group(1)[::-1], text)


def by_eye(text: str) -> str:
    """The text with letters that merely look Latin replaced by the Latin letter they look like."""
    return text.translate(LOOK_LATIN)


def mixes_alphabets(text: str) -> bool:
    """Whether one word mixes alphabets, as an imitation does. A name wholly in another alphabet is ordinary."""
    for word in unicodedata.normalize("NFKC", text).split():
        seen = {alphabet for c in word if c.isalpha() for alphabet in _ALPHABETS if unicodedata.name(c, "").startswith(alphabet)}
        if len(seen) > 1:
            return True
    return False


def wholly_foreign(text: str) -> bool:
    """Whether no letter of the text is Latin."""
    letters = [c for c in text if c.isalpha()]
    return bool(letters) and not any(unicodedata.name(c, "").startswith("LATIN") for c in letters)
