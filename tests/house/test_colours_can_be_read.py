"""The tokens keep WCAG's ratios in both themes: 4.5 for text, 3 for the edges of controls and for the ring of focus."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[2] / "vetting" / "dashboard" / "static" / "register.css"
PAIRS = dict(re.findall(r"--([a-z-]+): light-dark\((#[0-9a-f]{6}, #[0-9a-f]{6})\);", CSS.read_text("utf-8")))
TEXT = [
    *((ink, ground) for ink in ("text", "muted", "link") for ground in ("page", "panel", "selected", "hover")),
    *((f"{level}-text", f"{level}-ground") for level in ("strong", "likely", "check", "impostor", "hold", "none")),
    *((f"{act}-text", f"{act}-ground") for act in ("approve", "decline", "lead", "main")),
    *((f"{level}-text", ground) for level in ("strong", "hold") for ground in ("page", "panel")),
    ("text", "mark"),
]
EDGES = [(edge, ground) for edge in ("control", "focus") for ground in ("page", "panel")]


def _light(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _ratio(ink: str, ground: str) -> float:
    darker, lighter = sorted((_light(ink), _light(ground)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground", "least"), [*((*pair, 4.5) for pair in TEXT), *((*pair, 3.0) for pair in EDGES)])
def test_a_pair_of_colours_can_be_read(ink: str, ground: str, least: float, theme: int) -> None:
    first, second = (PAIRS[name].split(", ")[theme] for name in (ink, ground))
    assert _ratio(first, second) >= least, f"{ink} on {ground}: {_ratio(first, second):.1f}"
