"""No page runs or draws what did not come with the product: no inline script or style, no foreign host, no altered vendored file."""

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.test import Client

from tests import given

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "vetting" / "dashboard" / "static"
VENDOR = STATIC / "vendor"
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*.html"))
OWN_STATIC = sorted(path for path in STATIC.rglob("*") if path.is_file() and VENDOR not in path.parents)

HOST = re.compile(r"(?:https?:)?//[a-z0-9.-]+\.[a-z]{2,}", re.IGNORECASE)
# An XML name, not a place anything is fetched from.
NOT_FETCHED = ("http://www.w3.org/2000/svg",)


def test_every_vendored_file_is_the_one_that_was_taken_over() -> None:
    manifest = json.loads((VENDOR / "vendored.json").read_text("utf-8"))
    listed = {name: digest for package in manifest["packages"] for name, digest in package["files"].items()}
    found = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.rglob("*") if path.is_file()
    }
    del found["vendored.json"]
    assert found == listed


def test_every_vendored_package_names_its_version_and_carries_its_licence() -> None:
    for package in json.loads((VENDOR / "vendored.json").read_text("utf-8"))["packages"]:
        assert package["version"]
        assert package["licence"]
        assert any("LICENSE" in name for name in package["files"]), package["name"]


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_a_template_holds_no_script_no_style_and_no_foreign_host(template: Path) -> None:
    text = template.read_text("utf-8")
    assert not re.search(r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|\shx-on", text, re.IGNORECASE)
    assert all('src="' in tag for tag in re.findall(r"<script[^>]*>", text, re.IGNORECASE))
    assert not HOST.search(text)


@pytest.mark.parametrize("file", OWN_STATIC, ids=lambda path: path.relative_to(STATIC).as_posix())
def test_our_own_files_fetch_nothing_from_elsewhere(file: Path) -> None:
    text = file.read_text("utf-8")
    for known in NOT_FETCHED:
        text = text.replace(known, "")
    assert not HOST.search(text)


BANNED = re.compile(r"\b(sightings?|basis|drains?|brakes?|scores?|risks?|vetting|reject(?:ed)?|handles?)\b", re.IGNORECASE)


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT / "templates").as_posix())
def test_a_page_speaks_the_offices_words(template: Path) -> None:
    """What a reader sees: text outside tags, template code and comments."""
    text = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", template.read_text("utf-8"), flags=re.DOTALL)
    text = re.sub(r"<[^>]*>", " ", text)
    assert BANNED.findall(text) == []


POLICY = "default-src 'none'"


@pytest.mark.django_db
def test_every_answer_carries_the_content_policy_errors_included(settings: object) -> None:
    settings.DEBUG = False
    client = Client(raise_request_exception=False)
    client.force_login(given.priya(given.a_school()), backend="allauth.account.auth_backends.AuthenticationBackend")
    for path, status in (("/", 200), ("/audit/", 403), ("/nowhere/", 404), ("/sign-in/login/", 302)):
        answer = client.get(path)
        assert answer.status_code == status
        assert answer["Content-Security-Policy"].startswith(POLICY), path
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"], path
    expired = Client(enforce_csrf_checks=True).post("/sign-in/login/", {})
    assert (expired.status_code, expired["Content-Security-Policy"].startswith(POLICY)) == (403, True)


@pytest.mark.django_db
def test_a_fault_inside_shows_a_calm_page_without_its_cause(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    client.force_login(given.priya(given.a_school()), backend="allauth.account.auth_backends.AuthenticationBackend")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the cause, with a family's name in it")

    monkeypatch.setattr("vetting.dashboard.views.today.checklist", broken)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()
    assert "family" not in answer.content.decode()
    assert answer["Content-Security-Policy"].startswith(POLICY)
