"""What Practice Twitter remembers, and the file it is kept in: written whole and renamed, so that a kill at any moment loses nothing."""

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path

from vetting.twitter.sandbox.faults import Fault


@dataclass
class SandboxProfile:
    """One invented account."""

    user_id: str
    handle: str
    name: str
    bio: str = ""
    created_at: str = "2019-03-01T09:00:00.000Z"
    default_picture: bool = False
    followers: int = 40
    following: int = 120
    posts: int = 60
    protected: bool = False
    suspended: bool = False
    deactivated: bool = False

    @property
    def present(self) -> bool:
        return not self.suspended and not self.deactivated


@dataclass
class Permission:
    """What one code or token allows, kept under the SHA-256 of its text. `until` is None where it does not run out."""

    kind: str
    user_id: str
    scopes: list[str]
    grant: str
    until: float | None = None
    challenge: str = ""
    redirect_uri: str = ""


def _capabilities() -> dict[str, bool]:
    return {"incoming": True, "followers": True, "connection_status": True, "block": False}


def _limits() -> dict[str, int]:
    """Generous where the demo reads every few seconds; X's own where it does not."""
    return {"me": 3000, "users": 9000, "followers": 3000, "incoming": 3000, "block": 50, "unblock": 50, "blocked": 15, "token": 300}


@dataclass
class State:
    """Everything that outlives the process. A new field has a default, so that an older file can be read."""

    seed: int
    made: int = 0
    me: str = ""
    profiles: dict[str, SandboxProfile] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    followers: list[str] = field(default_factory=list)
    blocked: list[str] = field(default_factory=list)
    deeds: list[dict[str, str]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    capabilities: dict[str, bool] = field(default_factory=_capabilities)
    limits: dict[str, int] = field(default_factory=_limits)
    page_size: int = 1000
    permissions: dict[str, Permission] = field(default_factory=dict)
    token_life: int = 7200
    signed_in: str = ""


def read(path: Path) -> State:
    data = json.loads(path.read_text("utf-8"))
    data["profiles"] = {key: SandboxProfile(**value) for key, value in data["profiles"].items()}
    data["faults"] = [Fault(**value) for value in data["faults"]]
    data["permissions"] = {key: Permission(**value) for key, value in data.get("permissions", {}).items()}
    data["capabilities"] = _capabilities() | data.get("capabilities", {})
    data["limits"] = _limits() | data.get("limits", {})
    return State(**data)


def write(state: State, path: Path) -> None:
    beside = path.with_suffix(".new")
    with beside.open("w", encoding="utf-8") as file:
        json.dump(asdict(state), file)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def number(seed: int, count: int) -> str:
    """A number of nineteen digits, as Twitter's are since 2016, the same for the same seed and count."""
    digest = hashlib.sha256(f"practice {seed} {count}".encode()).hexdigest()
    return "1" + re.sub(r"\D", "", str(int(digest, 16)))[:18]
