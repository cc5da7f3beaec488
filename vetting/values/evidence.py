"""What the machine may say: a level, and the sentences that carry it. Never a score, never a percentage."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Level(StrEnum):
    """How well a request is vouched for (matching.md, "Words"). The order is from best to worst."""

    STRONG = "STRONG"
    LIKELY = "LIKELY"
    CHECK = "CHECK"
    IMPOSTOR = "IMPOSTOR"
    HOLD = "HOLD"
    NONE = "NONE"

    @property
    def offers_approval(self) -> bool:
        """Whether a single press may approve. Everything else needs a person to look and choose first."""
        return self in (Level.STRONG, Level.LIKELY)


class Verdict(StrEnum):
    """What one piece of evidence says of the best guess."""

    AGREES = "AGREES"
    DISAGREES = "DISAGREES"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Evidence:
    """One finding: a code for tests and counting, a verdict, and the exact sentence the office reads.

    `facts` holds what the sentence was made of, for later audit; keep it small and JSON-able.
    """

    code: str
    verdict: Verdict
    sentence: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"code": self.code, "verdict": self.verdict.value, "sentence": self.sentence, "facts": dict(self.facts)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Evidence":
        return cls(data["code"], Verdict(data["verdict"]), data["sentence"], data.get("facts", {}))
