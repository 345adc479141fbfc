"""What every test stands on: folders of its own, a real database, no foreign network.

The environment is set before Django loads. DATABASE_URL, CELERY_BROKER_URL and CACHE_URL choose
the service profile; without them the embedded default is tested.
"""

import atexit
import ipaddress
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

if "config.settings" in sys.modules:
    raise pytest.UsageError(
        "Django was loaded too early: DJANGO_SETTINGS_MODULE is left to tests/conftest.py."
    )

# Of each process: workers of xdist inherit the variable and must not share the folder.
FOLDER = Path(tempfile.mkdtemp(prefix="iso-tests-"))
atexit.register(shutil.rmtree, FOLDER, ignore_errors=True)
(FOLDER / "static").mkdir()
for name in (
    *("DEBUG", "DEMO", "FILES_URL", "PORT", "PRODUCTION", "PUBLIC_URL", "SECRET_KEY"),
    "STATIC_ROOT",
):
    os.environ.pop(name, None)
os.environ["DATA_DIR"] = str(FOLDER)
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"

import django  # noqa: E402
from django.conf import settings as configured  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import override_settings  # noqa: E402
from hypothesis import settings as hypothesis_settings  # noqa: E402

if configured.EMBEDDED_DATABASE:
    # A file: threads and processes cannot share SQLite's memory.
    configured.DATABASES["default"]["TEST"] = {"NAME": str(FOLDER / "test.sqlite3")}
configured.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Static files are looked for when they are asked for: else every test client lists them all.
configured.WHITENOISE_AUTOREFRESH = True
django.setup()

from config.celery import app as celery_app  # noqa: E402
from quizzes import markup, stock  # noqa: E402
from tests import databases, migrated  # noqa: E402
from tests.caches import cache_of_its_own  # noqa: E402
from tests.pristine import Pristine  # noqa: E402

# Hints are sent as in service, and stay in this process; process tests bring their own broker.
# Celery would prefer the environment's CELERY_BROKER_URL to ``broker_url``.
celery_app.conf.update(
    broker_read_url="memory://", broker_write_url="memory://", broker_transport_options={}
)

# Workers of xdist inherit the environment: pytest-django would load Django before this file does.
del os.environ["DJANGO_SETTINGS_MODULE"]

hypothesis_settings.register_profile("iso", deadline=None, print_blob=True)
hypothesis_settings.load_profile("iso")

T = TypeVar("T")
REQUIRE_ALL = bool(os.environ.get("REQUIRE_ALL"))
PROFILE_ROOMS = ("bench", "config", "demo", "drill", "jobs", "process")
PROFILE_MARKS = ("django_db", "process", "service", "skip", "skipif")
NEVER_SKIPPED = ("browser", "long_browser", "process", "service")


def pytest_itemcollected(item: pytest.Item) -> None:
    if "chromium" in getattr(item, "fixturenames", ()):
        item.add_marker("browser")
    if _is_profile_free(item):
        item.add_marker("profile_free")


def _is_profile_free(item: pytest.Item) -> bool:
    """Whether a test must come out the same on both profiles: one that asks the database must say
    so, and those that ask broker, cache or environment stand in rooms that are named here."""
    room = item.path.relative_to(Path(__file__).parent).parts[0]
    return (
        room not in PROFILE_ROOMS
        and "migrated_database" not in getattr(item, "fixturenames", ())
        and not any(item.get_closest_marker(name) for name in PROFILE_MARKS)
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """With REQUIRE_ALL=1 a browser or service test that is skipped has failed."""
    report = yield
    required = [name for name in NEVER_SKIPPED if item.get_closest_marker(name)]
    if REQUIRE_ALL and required and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} ({', '.join(required)}) may not be skipped: {reason}"
    return report


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly which tests did not run."""
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if any(name in report.keywords for name in NEVER_SKIPPED)
    ]
    if skipped:
        terminalreporter.section("NOT EVERYTHING WAS TESTED", sep="!", red=True, bold=True)
        for report in skipped:
            terminalreporter.line(f"{report.nodeid}: {report.longrepr[2]}", red=True)


def _refuse_foreign_hosts(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect":
        address = arguments[1]
    elif event == "socket.getaddrinfo":
        address = arguments
    else:
        return
    host = address[0] if isinstance(address, tuple) else None  # a path is a socket on this machine
    if host in (None, "", "localhost", b"localhost"):
        return
    try:
        local = ipaddress.ip_address(host if isinstance(host, str) else host.decode()).is_loopback
    except ValueError:
        local = False
    if not local:
        raise RuntimeError(f"A test asked the network for {host!r}.")


sys.addaudithook(_refuse_foreign_hosts)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """On SQLite migrations go on from the database put there; the folder goes away."""
    return bool(configured.EMBEDDED_DATABASE)


@pytest.fixture(scope="session")
def migrated_database(django_db_blocker: Any) -> str:
    """The name of a database to begin with; its migrations ran once, maybe in an earlier run."""
    with django_db_blocker.unblock():
        return migrated.kept()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, migrated_database: str
) -> None:
    test = connection.settings_dict["TEST"]
    if configured.EMBEDDED_DATABASE:
        databases.replace(test["NAME"], by=migrated_database)
    else:
        test["TEMPLATE"] = migrated_database


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[Pristine]:
    """Bring it up to date, keep a copy, and undo with it whatever a test commits."""
    with django_db_blocker.unblock():
        kept = Pristine.keep()
        kept.replace_flush()
    yield kept
    with django_db_blocker.unblock():
        kept.drop(kept.name)


@pytest.fixture(scope="session")
def pristine(django_db_setup: Pristine) -> Pristine:
    """The database as ``migrate`` leaves it; ``copy()`` gives processes one of their own."""
    return django_db_setup


@pytest.fixture(scope="module")
def once(pristine: Pristine, django_db_blocker: Any) -> Iterator[Callable[[Callable[[], T]], T]]:
    """Call it to make what all tests of a module find, if none of them commits anything."""

    def make(build: Callable[[], T]) -> T:
        stock.forget()
        with django_db_blocker.unblock(), override_settings(CACHES=cache_of_its_own()):
            return build()

    yield make
    with django_db_blocker.unblock():
        pristine.restore()


@pytest.fixture(autouse=True)
def _cache_of_its_own(settings: Any) -> None:
    settings.CACHES = cache_of_its_own()


@pytest.fixture(autouse=True)
def _stock_of_its_own() -> None:
    """Another test's questions had the same numbers."""
    stock.forget()
    markup.forget()
