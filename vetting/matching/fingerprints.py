"""What makes one opinion different from another."""

import hashlib
import json

from vetting.matching.rules import ENGINE_VERSION, Opinion


def fingerprint(opinion: Opinion) -> str:
    """Everything a person would see of it, and the engine's version."""
    said = json.dumps([ENGINE_VERSION, opinion.as_json()], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(said.encode()).hexdigest()
