"""Asking the child process, and going on whatever the message does to it."""

import json
import os
import subprocess
import sys
from pathlib import Path

from vetting.intake.formatted.cleaning import Formatted

TIMEOUT_SECONDS = 15.0
_ROOT = Path(__file__).resolve().parents[3]
# What Python itself needs to start; no setting and no secret of ours.
_KEPT_VARIABLES = ("PATH", "SYSTEMROOT", "LANG", "LC_ALL", "TEMP", "TMP")
_FAILED = Formatted("", "The formatted version of this e-mail could not be made safe. Read its text.")


def formatted_version(raw: bytes) -> Formatted:
    """The formatted version of a message, or why it is not shown."""
    environment = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
    try:
        answer = subprocess.run(
            [sys.executable, "-m", "vetting.intake.formatted"],
            input=raw,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TIMEOUT_SECONDS,
            check=True,
            cwd=_ROOT,
            env={**environment, "PYTHONPATH": str(_ROOT), "PYTHONIOENCODING": "utf-8"},
        )
        return Formatted(**json.loads(answer.stdout))
    except (subprocess.SubprocessError, OSError, ValueError, TypeError):
        return _FAILED
