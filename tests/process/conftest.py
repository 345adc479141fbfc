"""Towns to test in; every test here runs against processes of their own."""

import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.db import connection, connections
from playwright.sync_api import Browser, BrowserContext, Page

from tests import databases
from tests.browser import chromium, listen
from tests.pristine import Pristine
from tests.process.town import ROOT, Town

__all__ = ["chromium"]


class Played(NamedTuple):
    """What every town begins with: a database to copy, and a DATA_DIR."""

    database: Pristine
    folder: Path


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("process")


@pytest.fixture(scope="session")
def played(
    django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory, migrated_database: str
) -> Iterator[Played]:
    """The demo as `make demo` prepares it, played once."""
    folder = tmp_path_factory.mktemp("played")
    if settings.EMBEDDED_DATABASE:
        name = str(tmp_path_factory.mktemp("databases") / "played.sqlite3")
    else:
        name = f"{connection.settings_dict['NAME']}_played_{os.getpid()}"
    database = Pristine(name=name, used="")
    own = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": database.url(name),
        # Nothing listens: the certificates are issued by the sweep that follows.
        "CELERY_BROKER_URL": "memory://",
        "DEMO": "1",
    }
    try:
        with django_db_blocker.unblock():
            databases.replace(name, by=migrated_database)
        done = subprocess.run(
            [sys.executable, "-m", "tests.process.preparing"],
            cwd=ROOT,
            env={**os.environ, **own},
            capture_output=True,
            text=True,
            timeout=300,
        )
        if done.returncode:
            pytest.fail(f"The demo was not played.\n{done.stdout}{done.stderr}", pytrace=False)
        yield Played(database, folder)
    finally:
        with django_db_blocker.unblock():
            database.drop(name)


@contextmanager
def built(played: Played, folder: Path) -> Iterator[Town]:
    """A town of its own in this folder; whatever it has started is stopped in the end."""
    data, logs = folder / "data", folder / "logs"
    shutil.copytree(played.folder, data)
    logs.mkdir()
    database = played.database.copy()
    town = Town(
        name=f"iso-{uuid.uuid4().hex[:12]}",
        folder=data,
        logs=logs,
        database=database,
        database_url=played.database.url(database),
    )
    try:
        yield town
    finally:
        town.end()
        town.leave_nothing()
        played.database.drop(database)


@contextmanager
def entered(town: Town) -> Iterator[Town]:
    """Have this process read and write the town's rows; show what its processes said."""
    usual = connection.settings_dict["NAME"]
    _disconnect()
    connection.settings_dict["NAME"] = town.database
    try:
        yield town
    finally:
        _disconnect()
        connection.settings_dict["NAME"] = usual
        for name in town.processes:
            print(f"--- {name}\n{town.log(name)[-8000:]}")  # pytest keeps it where the test fails


def _disconnect() -> None:
    connections.close_all()
    if hasattr(connection, "close_pool"):
        connection.close_pool()


@contextmanager
def asking(django_db_blocker: Any) -> Iterator[None]:
    """Let the database be asked, also between two steps of Playwright.

    Its loop runs in the same thread, which Django takes for a mistake.
    """
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def _rows(django_db_blocker: Any) -> Iterator[None]:
    """Lets a test ask the database."""
    with asking(django_db_blocker):
        yield


@pytest.fixture
def town(played: Played, tmp_path: Path, _rows: None) -> Iterator[Town]:
    """A fresh town without processes, whose rows the test sees."""
    with built(played, tmp_path) as town, entered(town):
        yield town
        town.end()  # before what its processes said is shown


@pytest.fixture(scope="session")
def _standing(
    played: Played, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Town]:
    # The first test that wants it may come when its module's browser runs already.
    with ExitStack() as end:
        with asking(django_db_blocker):
            town = end.enter_context(built(played, tmp_path_factory.mktemp("standing")))
            town.start_web()
        yield town
        with asking(django_db_blocker):
            end.close()


@pytest.fixture
def open_town(_standing: Town, _rows: None) -> Iterator[Town]:
    """A town whose web server runs, shared by the tests that bring people of their own."""
    with entered(_standing):
        yield _standing


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens a page for somebody new, in whose browser nothing may go wrong.

    With ``refused=True`` the server may refuse what a script asks, which browsers write down.
    """
    contexts: list[BrowserContext] = []
    wrong: list[list[str]] = []
    allowed: list[list[str]] = []

    def open_page(*, refused: bool = False, **options: Any) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        heard = listen(page)
        (allowed if refused else wrong).append(heard)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert [error for errors in wrong for error in errors] == []
    assert [e for errors in allowed for e in errors if "the server responded with" not in e] == []
