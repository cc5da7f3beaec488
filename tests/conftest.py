"""What every test may lean on."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from tests.given_processes import Demo

pytest_plugins = ["tests.sandbox", "tests.dovecot", "tests.token_server", "tests.mail_server", "tests.listening"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--with-database", action="store_true", help="Only the tests that ask a database anything: for a second database.")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--with-database"):
        return
    of_a_database = {"db", "transactional_db", "live_server"}
    left_out = [one for one in items if not one.get_closest_marker("django_db") and not of_a_database & set(one.fixturenames)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [one for one in items if one not in set(left_out)]


@pytest.fixture(autouse=True)
def _kept_apart(settings: object, tmp_path: Path) -> None:
    """Mail and files of one test never meet another's."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.DATA_DIR = settings.STATIC_ROOT = tmp_path
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo as `up` starts it. It ends with its folder of tests: it works on in the background as long as it runs."""
    with Demo(tmp_path_factory.mktemp("demo")) as running:
        yield running


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: object) -> None:
    """Drop the audit table's delete trigger on SQLite: the flush after a test with real transactions deletes rows.

    tests/vetting/audit/test_the_chain.py installs it again for the test that speaks of it.
    """
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.execute("DROP TRIGGER IF EXISTS audit_event_no_delete")
