"""How parents write their Twitter name and their child's, and what the register reads in it: the table in tests/data/sentences.txt."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from vetting.intake.parsing import FoundName, ParsedEmail, Strength, ZoneKind, parse
from vetting.values import Handle

TABLE = Path(__file__).resolve().parents[2] / "data" / "sentences.txt"
AT_LEAST = 150


@dataclass(frozen=True)
class Sentence:
    """One line of the table."""

    theme: str
    subject: str
    words: str
    strong: frozenset[str]
    weak: frozenset[str]
    guesses: frozenset[str]
    shown: frozenset[str]
    children: tuple[str, ...]


def read_table() -> list[Sentence]:
    theme, found = "", []
    for line in TABLE.read_text("utf-8").splitlines():
        if line.startswith("## "):
            theme = line[3:]
        elif line and not line.startswith("#"):
            found.append(read_line(theme, line))
    return found


def read_line(theme: str, line: str) -> Sentence:
    words, _, expected = line.partition("=>")
    names, _, children = expected.partition(";")
    words = re.sub(r"\\(n|t|u[0-9a-f]{4})", lambda escape: f"\\{escape.group(1)}".encode().decode("unicode_escape"), words.strip())
    subject = "Following the school"
    if words.startswith("subject: "):
        subject, _, words = words.removeprefix("subject: ").partition(" | ")
    tokens = names.split()

    def marked(mark: str) -> frozenset[str]:
        return frozenset(token[1:] for token in tokens if token.startswith(mark))

    return Sentence(
        theme=theme,
        subject=subject,
        words=words,
        strong=frozenset(token for token in tokens if token[0] not in "?~="),
        weak=marked("?"),
        guesses=marked("~"),
        shown=marked("="),
        children=tuple(child.strip() for child in children.split("|") if child.strip()),
    )


SENTENCES = read_table()


def a_mail(words: str, *, subject: str = "Following the school", sender: str = "Dana Hill <dana@example.org>") -> ParsedEmail:
    head = f"From: {sender}\nSubject: {subject}\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n"
    return parse(f"{head}{words}\n".encode())


def where(mail: ParsedEmail, name: FoundName) -> str:
    return (mail.subject if name.zone is ZoneKind.SUBJECT else mail.text)[name.start : name.end]


def of_strength(mail: ParsedEmail, *strengths: Strength) -> set[str]:
    return {name.handle or name.written for name in mail.names if name.strength in strengths}


@pytest.mark.parametrize("sentence", SENTENCES, ids=[f"{line.theme}: {line.words[:60]!a}" for line in SENTENCES])
def test_the_right_names_and_no_others_are_read(sentence: Sentence) -> None:
    mail = a_mail(sentence.words, subject=sentence.subject)
    assert of_strength(mail, Strength.STRONG) == sentence.strong
    assert of_strength(mail, Strength.WEAK) == sentence.weak
    assert of_strength(mail, Strength.LOOKALIKE, Strength.UNUSUAL, Strength.INVALID) == sentence.shown
    guesses = of_strength(mail, Strength.GUESS)
    assert sentence.guesses <= guesses
    assert bool(guesses) is bool(sentence.guesses)
    assert mail.children == sentence.children


@pytest.mark.parametrize("sentence", SENTENCES, ids=[f"{line.theme}: {line.words[:60]!a}" for line in SENTENCES])
def test_the_place_noted_is_where_the_words_stand(sentence: Sentence) -> None:
    mail = a_mail(sentence.words, subject=sentence.subject)
    for name in mail.names:
        assert " ".join(where(mail, name).split()) == name.written
        assert name.handle is None or Handle(name.handle)
        if name.strength in (Strength.STRONG, Strength.WEAK) and where(mail, name).isascii() and "safelinks" not in sentence.words:
            assert name.handle in where(mail, name).lower().replace("\\_", "_").replace("-3a__twitter.com_", "/")


def test_the_table_is_long_enough(capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        print(f"\n{len(SENTENCES)} sentences in {len({sentence.theme for sentence in SENTENCES})} themes")
    assert len({(sentence.subject, sentence.words) for sentence in SENTENCES}) >= AT_LEAST


CLASSES = [
    ("I am the parent of Ada Hill (6B).", "6B"),
    ("Mum of Ada and Ben Hill, Year 4 Oak", "Year 4 Oak"),
    ("My daughter is Zoë in Reception.", "Reception"),
    ("my son is called Ben, he is in Mrs Patel's class", "Mrs Patel's class"),
    ("Child: Ada Hill\nClass: Willow class", "Willow class"),
    ("dad of ada hill in y4", "y4"),
    ("Please let me follow", ""),
]


@pytest.mark.parametrize(("words", "class_name"), CLASSES)
def test_the_class_is_noted_as_written(words: str, class_name: str) -> None:
    assert a_mail(words).class_text == class_name


def test_several_children_are_noted_one_by_one_and_together_as_written() -> None:
    mail = a_mail("Mum of Ada and Ben Hill, Year 4 Oak")
    assert (mail.child_text, mail.children) == ("Ada and Ben Hill", ("Ada", "Ben Hill"))


def test_in_a_newsletter_nothing_is_anybodys_word() -> None:
    head = "From: News <news@example.org>\nSubject: Twitter\nList-Id: <news.example.org>\n\n"
    mail = parse(f"{head}Follow us on Twitter: @bigfirm".encode())
    assert of_strength(mail, Strength.STRONG) == set()
    assert of_strength(mail, Strength.WEAK) == {"bigfirm"}
