"""Where the demo keeps its files, and where its practice Twitter listens. The same names `up` hands to its processes."""

from pathlib import Path

from django.conf import settings

from vetting import env
from vetting.twitter.sandbox import secret_in


def mailbox_folder() -> Path:
    """The folder the practice phone writes e-mails into and the register reads."""
    return Path(settings.DATA_DIR) / "demo-mailbox"


def files_to_try() -> Path:
    """Where the two parent lists lie that a visitor may import."""
    return Path(settings.DATA_DIR) / "demo-files"


def world_file() -> Path:
    """What the practice Twitter remembers: SANDBOX_STATE, else a file of DATA_DIR."""
    return Path(env.text("SANDBOX_STATE") or Path(settings.DATA_DIR) / "sandbox.json")


def sandbox_port() -> int:
    return env.number("SANDBOX_PORT", 8001)


def sandbox_secret() -> str:
    """The secret the practice Twitter's keys come from, made on the first call: SANDBOX_SECRET_FILE, else a file of DATA_DIR/secrets."""
    path = Path(env.text("SANDBOX_SECRET_FILE") or Path(settings.DATA_DIR) / "secrets" / "sandbox")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return secret_in(path)
