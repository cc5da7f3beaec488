"""What the engine says of a simulated school, as a file beside it."""

import json
from collections.abc import Iterable

from vetting.matching.rules import Opinion
from vetting.reporting.evaluation.reading import SchoolFiles


def write_predictions(school: SchoolFiles, opinions: Iterable[Opinion]) -> None:
    """`predictions.json`: by Twitter number the level, the person and the message in the files' own names, and the one line."""
    found = {
        school.accounts[opinion.request]: {
            "level": opinion.level.value.lower(),
            "person_id": school.people.get(opinion.person) if opinion.person is not None else None,
            "claim_id": school.claims.get(opinion.claim) if opinion.claim is not None else None,
            "line": opinion.sentence,
        }
        for opinion in opinions
    }
    text = json.dumps(found, ensure_ascii=False, indent=1)
    (school.folder / "predictions.json").write_text(text + "\n", encoding="utf-8")
