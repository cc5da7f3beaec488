"""docker-compose.yml, Dockerfile and the settings speak of the same names."""

import re
from typing import Any

import pytest
import yaml

from vetting.env import BASE_DIR

SERVICES: dict[str, Any] = yaml.safe_load((BASE_DIR / "docker-compose.yml").read_text("utf-8"))["services"]
OURS = ("web", "worker", "beat")


def settings_names() -> set[str]:
    """Every name the code reads from outside, found in the code; for a secret its file as well."""
    names: set[str] = set()
    for path in (*BASE_DIR.glob("vetting/**/*.py"), *BASE_DIR.glob("accounts/**/*.py"), BASE_DIR / "manage.py"):
        text = path.read_text("utf-8")
        names |= set(re.findall(r"(?:\benv\.|(?<![\w.]))(?:text|flag|number|words|hosts)\(\s*\"([A-Z][A-Z_]+)\"", text))
        names |= {name for secret in re.findall(r"\bsecret\(\"([A-Z_]+)\"\)", text) for name in (secret, f"{secret}_FILE")}
        names |= set(re.findall(r"\bos\.environ(?:\.get\(|\.setdefault\(|\[)\"([A-Z][A-Z_]+)\"", text))
    return names - {"DJANGO_SETTINGS_MODULE", "PIP_CERT"}


def test_there_are_the_five_services_and_https_on_request() -> None:
    assert set(SERVICES) == {*OURS, "postgres", "redis", "https"}
    assert SERVICES["https"]["profiles"] == ["https"]


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_has_a_health_check_and_comes_back_by_itself(service: str) -> None:
    assert SERVICES[service]["healthcheck"]["test"][0] == "CMD"
    assert SERVICES[service]["restart"] == "unless-stopped"


@pytest.mark.parametrize("service", OURS)
def test_our_services_share_one_image_and_only_know_settings_the_code_reads(service: str) -> None:
    assert SERVICES[service]["image"] == "known-followers"
    assert set(SERVICES[service]["environment"]) <= settings_names()


def test_no_secret_stands_in_the_file() -> None:
    for service in OURS:
        environment = SERVICES[service]["environment"]
        for name in ("SECRET_KEY", "ENCRYPTION_KEYS", "DATABASE_PASSWORD"):
            assert name not in environment
            assert environment[f"{name}_FILE"].startswith("/run/secrets/")


def test_redis_writes_to_disk_and_only_the_web_server_and_the_proxy_can_be_reached() -> None:
    assert " ".join(SERVICES["redis"]["command"]).startswith("redis-server --appendonly yes")
    assert {name for name, service in SERVICES.items() if "ports" in service} == {"web", "https"}
    assert SERVICES["web"]["ports"][0].startswith("127.0.0.1:")


def test_the_image_runs_as_nobody_special_from_hashed_locks() -> None:
    dockerfile = (BASE_DIR / "Dockerfile").read_text("utf-8")
    assert re.findall(r"^USER (\w+)", dockerfile, re.MULTILINE)[-1] == "register"
    assert "--require-hashes --only-binary :all: -r requirements.txt" in dockerfile
    copied = {name for line in re.findall(r"^COPY (.+) \S+$", dockerfile, re.MULTILINE) for name in line.split()}
    sent = set(re.findall(r"^!(\S+)", (BASE_DIR / ".dockerignore").read_text("utf-8"), re.MULTILINE))
    assert copied == sent


def test_every_setting_stands_in_the_operators_table_and_the_table_names_no_other() -> None:
    page = (BASE_DIR / "docs" / "operator.md").read_text("utf-8")
    table = page.split("## Settings", 1)[1].split("\n## ", 1)[0]
    listed = {name for first in re.findall(r"^\| ([^|]+)\|", table, re.MULTILINE) for name in re.findall(r"`([A-Z][A-Z_]+)`", first)}
    assert listed == settings_names()
