"""The settings that come from outside: environment variables, `.env`, files for secrets. Standard library only.

Every name read here is described in docs/operator.md; a test compares the two.
"""

import ipaddress
import os
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent.parent


class BadSetting(SystemExit):
    """A setting that cannot be used. Ends the program with one sentence instead of a traceback."""

    def __init__(self, name: str, sentence: str) -> None:
        super().__init__(f"Setting {name}: {sentence}")


def read_dotenv(path: Path = BASE_DIR / ".env") -> None:
    """Load `NAME=value` lines into the environment; what is already set there wins."""
    if not path.is_file():
        return
    for line in path.read_text("utf-8").splitlines():
        name, separator, value = line.strip().partition("=")
        if separator and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value.strip().strip("'\""))


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    value = text(name).lower()
    if value in ("", "1", "0", "yes", "no", "true", "false", "on", "off"):
        return default if not value else value in ("1", "yes", "true", "on")
    raise BadSetting(name, "use yes or no.")


def number(name: str, default: int) -> int:
    value = text(name)
    if not value:
        return default
    if not value.isdigit():
        raise BadSetting(name, f"“{value}” is not a whole number.")
    return int(value)


def words(name: str) -> list[str]:
    return [word.strip() for word in text(name).split(",") if word.strip()]


def hosts(name: str) -> list[str]:
    """Names of hosts, addresses and networks (10.1.0.0/16), separated by commas."""
    found = words(name)
    for word in found:
        try:
            ipaddress.ip_network(word, strict=False)
        except ValueError:
            if "/" in word or ":" in word or " " in word:
                raise BadSetting(name, f"“{word}” is neither a host's name nor a network such as 10.1.0.0/16.") from None
    return found


def data_dir() -> Path:
    """Where this installation keeps its database, secrets and folders when no server is named."""
    path = Path(text("DATA_DIR", str(BASE_DIR / "var"))).resolve()
    path.mkdir(parents=True, exist_ok=True)
    return path


def is_demo() -> bool:
    return flag("KNOWN_FOLLOWERS_DEMO")


def secret(name: str) -> str:
    """`NAME`, else the contents of the file `NAME_FILE`, else a value made once and kept under DATA_DIR/secrets."""
    if text(name):
        return text(name)
    if text(f"{name}_FILE"):
        path = Path(text(f"{name}_FILE"))
        try:
            return path.read_text("utf-8").strip()
        except OSError as error:
            raise BadSetting(f"{name}_FILE", f"cannot be read ({error.strerror}).") from error
    return _kept_secret(data_dir() / "secrets" / name.lower())


def _kept_secret(path: Path) -> str:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text("utf-8").strip()
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        made = secrets.token_urlsafe(48)
        file.write(made)
    return made


SQLITE_OPTIONS = {
    # Measured: with IMMEDIATE and WAL no writer is ever refused; Django's defaults lose one transaction in four.
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY;"
    " PRAGMA mmap_size=134217728; PRAGMA journal_size_limit=27103364;"
    # What is erased is overwritten with zeros, so that no old page of the file still holds a family's words.
    " PRAGMA secure_delete=ON;",
}


def database() -> dict[str, Any]:
    """Django's DATABASES["default"] from DATABASE_URL (`postgres://…` or `sqlite:///path`), else a file in DATA_DIR.

    The demo always has a file of its own, so that it can never meet a school's data. The password may come
    from DATABASE_PASSWORD or DATABASE_PASSWORD_FILE instead of standing in the address.
    """
    url = text("DATABASE_URL")
    if not url:
        name = "demo.sqlite3" if is_demo() else "school.sqlite3"
        return _sqlite(str(data_dir() / name))
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite(parts.path.lstrip("/") if sys.platform == "win32" else parts.path)
    if parts.scheme not in ("postgres", "postgresql"):
        raise BadSetting("DATABASE_URL", "starts with postgres:// or sqlite://.")
    password = unquote(parts.password) if parts.password else ""
    if not password and (text("DATABASE_PASSWORD") or text("DATABASE_PASSWORD_FILE")):
        password = secret("DATABASE_PASSWORD")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": password,
        "HOST": parts.hostname or "",
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": {"pool": {"min_size": 1, "max_size": number("DATABASE_POOL", 8), "timeout": 20}},
    }


def _sqlite(path: str) -> dict[str, Any]:
    return {"ENGINE": "django.db.backends.sqlite3", "NAME": path, "OPTIONS": dict(SQLITE_OPTIONS)}
