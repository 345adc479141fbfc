"""The migrated database of this state of the project, made once and kept for later runs.

It is named by all that it follows from: every migration of the project and the list of packages.
``migrate`` runs on a copy all the same, which brings what follows the last migration up to date.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from tests import databases

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".pytest_cache" / "migrated"


def _digest() -> str:
    made_of = [ROOT / "requirements.txt", *sorted(ROOT.glob("*/migrations/*.py"))]
    digest = hashlib.sha256()
    for path in made_of:
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


# Before Django has put the name of a test database in its place.
STEM = (
    str(FOLDER / "database_")
    if settings.EMBEDDED_DATABASE
    else f"test_{settings.DATABASES['default']['NAME']}_migrated_"
)
# Of the state that this process has loaded, whatever becomes of the files while it runs.
NAME = STEM + _digest()
UNFINISHED = f"{STEM}unfinished"


def kept() -> str:
    """The name of the database to copy; who asks first makes it, and others wait for it."""
    with _one_at_a_time():
        made = databases.names(beginning=STEM)
        if NAME not in made:
            for older in made:
                databases.drop(older)
            databases.create(UNFINISHED)
            _migrate(databases.url(UNFINISHED))
            databases.rename(UNFINISHED, to=NAME)
    return NAME


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrate(url: str) -> None:
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0", "--skip-checks"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": url},
        check=True,
    )
