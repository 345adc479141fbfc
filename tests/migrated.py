"""The migrated SQLite database of an earlier run, so that the next one need not migrate again.

It is named by all that it follows from: every migration of the project and the list of packages.
``migrate`` runs on the copy all the same, which brings what follows the last migration up to date.
"""

import hashlib
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".pytest_cache" / "migrated"


def _named() -> Path:
    """Where the database of this state of the project lies, or will lie."""
    made_of = [ROOT / "requirements.txt", *sorted(ROOT.glob("*/migrations/*.py"))]
    digest = hashlib.sha256()
    for path in made_of:
        digest.update(str(path.relative_to(ROOT)).encode())
        digest.update(path.read_bytes())
    return FOLDER / f"{digest.hexdigest()[:32]}.sqlite3"


# Of the state that this process has loaded, whatever becomes of the files while it runs.
WANTED = _named()


def take(to: str) -> None:
    """Put the kept database there, if there is one."""
    if WANTED.exists():
        shutil.copyfile(WANTED, to)


def keep(of: str) -> None:
    """Keep this database for the next run, and no older one."""
    if WANTED.exists():
        return
    FOLDER.mkdir(parents=True, exist_ok=True)
    unfinished = FOLDER / f"{os.getpid()}.unfinished"
    with closing(sqlite3.connect(of)) as source, closing(sqlite3.connect(unfinished)) as target:
        source.backup(target)
    for older in FOLDER.glob("*.sqlite3"):
        older.unlink(missing_ok=True)
    unfinished.replace(WANTED)
