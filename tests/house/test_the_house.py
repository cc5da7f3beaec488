"""The house itself: who may import whom, what the tables promise by name, that nobody listens for signals."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers import registry
from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.migrations.loader import MigrationLoader
from django.urls import get_resolver

from vetting.dashboard.views.settings_tabs import CONNECTORS
from vetting.twitter.connecting.provider import MAY_CONNECT, OnlyForTheSchool
from vetting.twitter.scopes import READING, REMOVING

ROOT = Path(__file__).parents[2]
needs_the_linter = pytest.mark.skipif(
    not (Path(sys.executable).parent / "lint-imports").exists(), reason="import-linter is installed by .ci/run only"
)

PROMISES = {
    "QueueItem": {"queueitem_state_is_known", "one_live_item_per_twitter_user_and_kind"},
    "Decision": {"one_standing_decision_per_item", "decision_undone_at_and_by_together", "decision_rejection_has_a_reason"},
    "OwedLift": {"one_owed_lift_per_item"},
    "Discrepancy": {"one_open_discrepancy_per_profile_and_kind", "discrepancy_noted_at_and_by_together"},
    "Countersignature": {"decision_countersigned_by_another"},
    "Verification": {"verification_says_how", "one_standing_verification_per_item"},
    "Claim": {"claim_comes_from_email_or_staff"},
    "ClaimReading": {"reading_handle_is_normalised_or_absent"},
    "Identification": {"one_current_person_per_profile_and_school"},
    "VerificationEmail": {"one_row_per_message"},
    "FollowRequest": {"one_open_request_per_account_and_user"},
    "Basis": {
        "basis_ends_after_it_starts",
        "one_current_basis_per_person_and_kind",
        "one_current_basis_per_person_and_kind_and_pupil",
    },
    "TwitterProfile": {"one_profile_per_school_and_twitter_user_id", "one_profile_per_handle_while_the_number_is_unknown"},
}


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sys.executable).parent / "lint-imports"
    return subprocess.run([linter, "--no-cache"], cwd=folder, capture_output=True, text=True, check=False)


@needs_the_linter
def test_the_import_contracts_hold() -> None:
    result = _lint(ROOT)
    assert result.returncode == 0, result.stdout


@needs_the_linter
@pytest.mark.parametrize(
    ("module", "line", "broken"),
    [
        ("vetting/roster/queries.py", "from vetting.decisions import models as _later", "Later stages import earlier ones"),
        ("vetting/school/queries.py", "import tweepy", "Only the adapter imports tweepy"),
        ("vetting/decisions/policies.py", "from django.db import models as _models", "The pure rules know no Django"),
    ],
    ids=["a stage imports a later one", "tweepy outside its adapter", "Django in a pure rule"],
)
def test_a_planted_violation_breaks_them(tmp_path: Path, module: str, line: str, broken: str) -> None:
    for name in ("vetting", "accounts", "pyproject.toml"):
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__", "static"))
        else:
            shutil.copy(source, tmp_path / name)
    planted = tmp_path / module
    planted.write_text(f"{planted.read_text('utf-8')}\n{line}\n", "utf-8")
    result = _lint(tmp_path)
    assert result.returncode != 0
    assert re.search(rf"{broken}.* BROKEN", result.stdout), result.stdout


@pytest.mark.parametrize(("table", "names"), PROMISES.items(), ids=list(PROMISES))
def test_a_table_keeps_its_promises_by_name(table: str, names: set[str]) -> None:
    model: type[models.Model] = apps.get_model("vetting", table)
    assert names <= {constraint.name for constraint in model._meta.constraints}


def test_nothing_listens_for_signals() -> None:
    listening = re.compile(r"@receiver|django\.dispatch|import signals|(?:db\.models|core|contrib\.auth)\.signals")
    sources = [*ROOT.glob("vetting/**/*.py"), *ROOT.glob("accounts/**/*.py")]
    assert [path for path in sources if listening.search(path.read_text("utf-8"))] == []


def test_there_is_no_drawer_for_odds_and_ends() -> None:
    assert [path for name in ("utils.py", "helpers.py", "misc.py") for path in ROOT.glob(f"vetting/**/{name}")] == []


def test_tweepy_is_new_enough_and_allauth_serves_no_logins_to_others() -> None:
    import tweepy

    assert tuple(int(part) for part in tweepy.__version__.split(".")[:2]) >= (4, 17)
    assert not any(app.startswith("allauth.idp") for app in settings.INSTALLED_APPS)


def test_nobody_signs_in_here_through_another_service() -> None:
    """allauth.socialaccount is there to connect a school's own account: with our adapter, without any provider, and without an address."""
    assert not any(app.startswith("allauth.socialaccount.providers") for app in settings.INSTALLED_APPS)
    assert registry.get_class_list() == []
    assert isinstance(get_adapter(), OnlyForTheSchool)
    assert frozenset(CONNECTORS) == MAY_CONNECT
    assert not settings.SOCIALACCOUNT_STORE_TOKENS
    assert not getattr(settings, "SOCIALACCOUNT_PROVIDERS", {})
    assert settings.AUTHENTICATION_BACKENDS == ["allauth.account.auth_backends.AuthenticationBackend"]
    assert [name for name in get_resolver().reverse_dict if isinstance(name, str) and name.startswith("socialaccount")] == []


def test_the_triggers_come_after_the_last_change_to_the_tables_they_guard() -> None:
    """On SQLite a table that is altered loses its triggers: a newer allauth needs a migration that makes them again."""
    loader = MigrationLoader(None)
    last = loader.graph.leaf_nodes("socialaccount")
    assert last == [("socialaccount", "0006_alter_socialaccount_extra_data")]
    assert last[0] in loader.get_migration("vetting", "0006_nobody_signs_in_with_twitter").dependencies


def test_no_permission_to_post_or_to_write_messages_stands_anywhere_in_the_source() -> None:
    """X's scopes that let an app speak for the school, or read what was written to it; of the writing ones only blocking is known here."""
    speaking = re.compile(
        r"""["' +](?:tweet|like|bookmark|list|mute|space|media|follows|users|dm)\.(?:write|moderate\.write|email)\b|["' ]dm\.read\b"""
    )
    sources = [
        path for kind in ("py", "html") for name in ("vetting", "accounts", "templates") for path in ROOT.glob(f"{name}/**/*.{kind}")
    ]
    assert len(sources) > 300
    assert all(
        speaking.search(f'scope = "{scope}"') for scope in ("tweet.write", "dm.read", "dm.write", "like.write", "tweet.moderate.write")
    )
    assert [path.relative_to(ROOT) for path in sources if speaking.search(path.read_text("utf-8"))] == []
    assert set(READING + REMOVING) == {
        "tweet.read", "users.read", "follows.read", "offline.access", "block.read", "block.write",
    }  # fmt: skip
