"""What is really the case in a simulated school. The engine never sees it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vetting.reporting.evaluation.files import each, load

_GENUINE_HARMS = ("none", "unverified")


@dataclass(frozen=True)
class Truth:
    """What is the case with one request. `provable`: the facts allow approval without asking back; `harm`: who would be let in wrongly;
    `victim`: whom it is made to pass for; `group`: the names of its family."""

    account: str
    category: str
    should: str
    provable: bool
    harm: str
    person: str | None
    victim: str | None
    group: str

    @property
    def may_be_approved(self) -> bool:
        return self.should == "approve"

    @property
    def genuine(self) -> bool:
        """Somebody of the school's families, whether or not anything shows it yet."""
        return self.harm in _GENUINE_HARMS


def read_truth(folder: Path) -> dict[str, Truth] | None:
    """The truth by Twitter number; None where the folder holds none.

    Raises:
        BadValue: the file is not as expected.
    """
    if not (folder / "truth.json").exists():
        return None
    rows = load(folder, "truth", dict).get("requests")
    return {found.account: found for found in each("truth", (rows or {}).items(), _truth)}


def _truth(item: tuple[str, dict[str, Any]]) -> Truth:
    account, row = item
    return Truth(
        account=account,
        category=row["category"],
        should=row["should"],
        provable=row["auto_ok"],
        harm=row["harm"],
        person=row["owner"],
        victim=row["victim"],
        group=row["group"] or "",
    )
