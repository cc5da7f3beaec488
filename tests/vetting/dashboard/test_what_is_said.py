"""The words and marks of the screens: every level, state and role has its own, and nothing a stranger wrote becomes part of a page."""

from datetime import UTC, date, datetime

import pytest

from vetting.dashboard import presenters, words
from vetting.dashboard.icons import ICONS
from vetting.decisions.states import Owner, State
from vetting.school.models import Role
from vetting.school.policies import RULES
from vetting.values import Level, Verdict


def test_every_level_state_owner_verdict_and_role_has_its_words() -> None:
    assert set(words.LEVELS) == set(words.LEVEL_MEANS) == set(Level)
    assert set(words.STATES) == set(State)
    assert set(words.OWNERS) == set(Owner)
    assert set(words.VERDICTS) == set(Verdict)
    assert set(words.ROLE_MAY) == set(Role)


def test_levels_differ_in_word_and_shape_and_not_only_in_colour() -> None:
    assert len({chip.word for chip in words.LEVELS.values()}) == len(Level)
    assert len({chip.icon for chip in words.LEVELS.values()}) == len(Level)
    for chips in (words.LEVELS, words.STATES, words.VERDICTS):
        assert {chip.icon for chip in chips.values()} <= set(ICONS)


@pytest.mark.parametrize(
    ("text", "spans", "shown"),
    [
        ("I am @dana", [(5, 10)], "I am <mark>@dana</mark>"),
        ("<b>@dana</b>", [(3, 8)], "&lt;b&gt;<mark>@dana</mark>&lt;/b&gt;"),
        ("<script>", [(0, 8)], "<mark>&lt;script&gt;</mark>"),
        ("@dana and @dana_h", [(0, 5), (3, 8), (10, 17)], "<mark>@dana an</mark>d <mark>@dana_h</mark>"),
        ("short", [(3, 99), (-4, 1), (4, 2)], "<mark>s</mark>ho<mark>rt</mark>"),
        ("nothing", [], "nothing"),
    ],
)
def test_found_words_are_marked_and_what_families_wrote_stays_text(text: str, spans: list[tuple[int, int]], shown: str) -> None:
    assert presenters.marked(text, spans) == shown


def test_dates_and_counts_are_said_in_full() -> None:
    assert presenters.day(date(2026, 11, 9)) == "Mon 9 Nov 2026"
    # In summer the school's clock is an hour ahead of UTC.
    assert presenters.when(datetime(2026, 7, 1, 17, 2, tzinfo=UTC)) == "Wed 1 Jul 2026, 18:02"
    assert presenters.day(None) == presenters.clock(None) == ""
    assert [presenters.school_days(number) for number in (0, 1, 2)] == ["today", "1 school day", "2 school days"]
    assert presenters.counted(2, "person", "people") == "2 people"


def test_every_rule_has_a_place_on_the_settings_page() -> None:
    from vetting.dashboard.forms.settings import RULE_GROUPS, RulesForm

    named = [key for _, keys in RULE_GROUPS for key in keys]
    assert len(named) == len(set(named))
    assert set(named) <= set(RULES)
    form = RulesForm(values={key: rule.default for key, rule in RULES.items()})
    assert {bound.name for _, fields in form.groups for bound in fields} == set(RULES)
