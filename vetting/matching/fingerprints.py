"""What makes one opinion different from another."""

import hashlib
import json
from dataclasses import astuple

from vetting.matching.rules import Opinion


def fingerprint(opinion: Opinion) -> str:
    """Everything a person would see of it, and the versions it was formed with.

    The workings are no part of it: a name that became a little rarer says nothing new about a request.
    """
    said = json.dumps([*astuple(opinion.versions), opinion.as_json()], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()
