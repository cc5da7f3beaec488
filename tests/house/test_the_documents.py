"""What is written down is true: every command has its line, every page of docs that is linked exists."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).parents[2]
OURS = sorted(name for name, app in get_commands().items() if app == "vetting")


def test_every_command_stands_in_the_operators_table_and_no_other_does() -> None:
    page = (ROOT / "docs" / "operator.md").read_text("utf-8").split("## Commands", 1)[1].split("\n## ", 1)[0]
    listed = {name for row in re.findall(r"^\| (`[^|]+)\|", page, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert listed == set(OURS)


@pytest.mark.parametrize("name", OURS)
def test_a_command_says_what_it_is_for(name: str) -> None:
    assert len(load_command_class("vetting", name).help) > 30


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))])
def test_what_a_page_links_to_exists(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert target.startswith("https://") or ((ROOT / page).parent / target).exists(), f"{page} links to {target}"
