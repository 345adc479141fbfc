"""Looks whether everything people read is there in Vietnamese and in English.

    python -m checks.translations            what is missing, fuzzy, unused or not compiled
    python -m checks.translations refresh    takes new strings into the catalogues, compiles them

The texts in the code are English, so English is complete when every one of them is. The
catalogues also hold strings of installed packages that have no Vietnamese of their own; they are
kept as long as a package still has the string.
"""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import polib

ROOT = Path(__file__).resolve().parent.parent
SOURCES = (
    *("config", "demo", "cms", "reports", "quizzes", "certificates", "courses", "people"),
    *("agencies", "jobs", "vietnamese", "templates", "static"),
)
DOMAINS = {"django": "py,html,txt", "djangojs": "js"}
PACKAGES = ("django", "wagtail", "wagtailmedia", "allauth", "rest_framework", "django_filters",
            "simple_history", "taggit", "health_check", "drf_spectacular")  # fmt: skip
LANGUAGES_OF_PACKAGES = ("de", "ru")  # between them they have every string of a package
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w*\}")
METADATA = {
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Language": "vi",
    "Plural-Forms": "nplurals=1; plural=0;",
}


def main(arguments: list[str]) -> int:
    """Check or refresh; return the exit code."""
    if not all(shutil.which(tool) for tool in ("xgettext", "msguniq", "msgmerge")):
        print("GETTEXT IS MISSING (Debian: apt install gettext): the texts were not looked at.")
        return 1 if arguments or os.environ.get("REQUIRE_ALL") else 0
    if arguments == ["refresh"]:
        refresh(ROOT)
        return 0
    problems = list(check(ROOT))
    for problem in problems[:50]:
        print(problem)
    if len(problems) > 50:
        print(f"… and {len(problems) - 50} more")
    return 1 if problems else 0


def check(root: Path) -> Iterator[str]:
    """Yield what is wrong with the catalogues of the project in `root`, a line each."""
    for domain in DOMAINS:
        texts = extract(root, domain)
        path = catalogue_path(root, domain)
        if not path.exists():
            if texts:
                yield f"{path.relative_to(root)} is missing: make messages"
            continue
        catalogue = polib.pofile(str(path))
        entries = {key(entry): entry for entry in catalogue if not entry.obsolete}
        for text in texts:
            if any(letter.isalpha() and not letter.isascii() for letter in text.msgid):
                yield f"{place(text)}: not English: {text.msgid!r}"
            if key(text) not in entries:
                yield f"{place(text)}: not in the catalogue: {text.msgid!r}"
        own = {key(text) for text in texts}
        for entry in entries.values():
            if key(entry) not in own and entry.msgid not in texts_of_packages():
                yield f"{path.name}: used nowhere: {entry.msgid!r}"
            yield from (f"{path.name}: {fault}: {entry.msgid!r}" for fault in faults(entry))
        if not is_compiled(catalogue, path.with_suffix(".mo")):
            yield f"{path.with_suffix('.mo').relative_to(root)} is not what {path.name} compiles to"


def refresh(root: Path) -> None:
    """Take new strings in, untranslated; drop those used nowhere; compile."""
    for domain in DOMAINS:
        texts = extract(root, domain)
        path = catalogue_path(root, domain)
        old = {key(entry): entry for entry in polib.pofile(str(path))} if path.exists() else {}
        if not texts and not old:
            continue
        new = polib.POFile(wrapwidth=98)
        new.metadata = METADATA
        for text in texts:
            if translated := old.get(key(text)):
                text.msgstr, text.msgstr_plural = translated.msgstr, translated.msgstr_plural
                text.tcomment = translated.tcomment
            new.append(text)
        own = {key(text) for text in texts}
        kept = [entry for entry in old.values() if entry.msgid in texts_of_packages()]
        new.extend(entry for entry in kept if key(entry) not in own and not entry.obsolete)
        path.parent.mkdir(parents=True, exist_ok=True)
        new.save(str(path))
        new.save_as_mofile(str(path.with_suffix(".mo")))
        print(f"{path.relative_to(root)}: {len(new.untranslated_entries())} to translate")


def extract(root: Path, domain: str) -> list[polib.POEntry]:
    """Every string marked for translation in the project's own files."""
    with TemporaryDirectory() as name:
        # A copy, because makemessages writes beside the files that it reads.
        folder = Path(name)
        for source in SOURCES:
            if (root / source).is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "clips", "*.mo")
                shutil.copytree(root / source, folder / source, ignore=ignored)
        (folder / "locale").mkdir()
        environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
        command = [
            *(sys.executable, "-m", "django", "makemessages", "--verbosity=0", "--locale=vi"),
            *(f"--domain={domain}", f"--extension={DOMAINS[domain]}", "--add-location=file"),
        ]
        subprocess.run(command, cwd=folder, env=environment, check=True)
        path = catalogue_path(folder, domain)
        return list(polib.pofile(str(path))) if path.exists() else []


@cache
def texts_of_packages() -> frozenset[str]:
    """Every string that the installed packages mark for translation."""
    texts: set[str] = set()
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or []) if spec else []:
            for language in LANGUAGES_OF_PACKAGES:
                for path in Path(folder).rglob(f"locale/{language}/LC_MESSAGES/*.mo"):
                    texts.update(entry.msgid for entry in polib.mofile(str(path)))
    return frozenset(texts)


def faults(entry: polib.POEntry) -> Iterator[str]:
    """Why this entry cannot be shown to people."""
    translations = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    if "fuzzy" in entry.flags:
        yield "fuzzy"
    if not translations or not all(translations):
        yield "not translated"
        return
    wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
    for translation in translations:
        if (found := set(PLACEHOLDER.findall(translation))) != wanted:
            yield f"has the placeholders {sorted(found)} instead of {sorted(wanted)}"


def is_compiled(catalogue: polib.POFile, path: Path) -> bool:
    """Whether the compiled file holds the same translations."""
    if not path.exists():
        return False
    compiled = polib.mofile(str(path))
    return contents(compiled) == contents(catalogue.translated_entries())


def contents(
    entries: polib.MOFile | list[polib.POEntry],
) -> dict[tuple[str, str], tuple[str, dict[int, str]]]:
    return {key(entry): (entry.msgstr, entry.msgstr_plural) for entry in entries}


def catalogue_path(root: Path, domain: str) -> Path:
    return root / "locale" / "vi" / "LC_MESSAGES" / f"{domain}.po"


def key(entry: polib.POEntry) -> tuple[str, str]:
    """What makes an entry one: the same word can mean two things in two contexts."""
    return entry.msgctxt or "", entry.msgid


def place(entry: polib.POEntry) -> str:
    return ", ".join(file for file, _line in entry.occurrences)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
