"""One small school with everything connected: a real mailbox, the practice Twitter over HTTP, four colleagues."""

from pathlib import Path
from typing import Any

import pytest

from tests.journeys.scene import HAS_DOVECOT, Scene


@pytest.fixture
def mailbox(request: pytest.FixtureRequest) -> Any:
    """Dovecot's, where it is installed; None means a folder of .eml files."""
    return request.getfixturevalue("dovecot") if HAS_DOVECOT else None


@pytest.fixture
def scene(db: None, tmp_path: Path, sandbox: Any, mailbox: Any, time_machine: Any) -> Scene:
    """The school, its mailbox and its practice Twitter."""
    return Scene.make(tmp_path=tmp_path, sandbox=sandbox, clock=time_machine, dovecot=mailbox)


@pytest.fixture
def scene_by_hand(db: None, tmp_path: Path, mailbox: Any, time_machine: Any) -> Scene:
    """The same school with no credentials for Twitter at all."""
    return Scene.make(tmp_path=tmp_path, sandbox=None, clock=time_machine, dovecot=mailbox)
