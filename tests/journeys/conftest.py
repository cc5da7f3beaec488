"""One small school with everything connected: a real mailbox, the practice Twitter over HTTP, four colleagues."""

import pytest

from tests.journeys.scene import Scene


@pytest.fixture
def scene(db: None, tmp_path: object, sandbox: object, time_machine: object, settings: object) -> Scene:
    """The school, its mailbox (Dovecot where it is installed, a folder otherwise) and its practice Twitter."""
    return Scene.make(tmp_path=tmp_path, sandbox=sandbox, time_machine=time_machine, settings=settings)
