import os
import shutil
from pathlib import Path

import polib
import pytest

from checks import translations

pytestmark = pytest.mark.skipif(
    not shutil.which("xgettext") and not os.environ.get("REQUIRE_ALL"),
    reason="gettext is not installed",
)

PAGE = '{% load i18n %}<p>{% translate "Next lesson" %}</p>'
CODE = """
from django.utils.translation import gettext as _, ngettext
_("Saved at %(time)s")
ngettext("%(count)s answer", "%(count)s answers", 2)
"""
VIETNAMESE = {
    "Next lesson": "Bài tiếp theo",
    "Saved at %(time)s": "Đã lưu lúc %(time)s",
    "%(count)s answer": "%(count)s câu trả lời",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose catalogue is complete."""
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(PAGE)
    (tmp_path / "courses").mkdir()
    (tmp_path / "courses" / "views.py").write_text(CODE)
    translations.refresh(tmp_path)
    translate(tmp_path, **VIETNAMESE)
    return tmp_path


def translate(project: Path, **texts: str) -> None:
    path = translations.catalogue_path(project, "django")
    catalogue = polib.pofile(str(path))
    for entry in catalogue:
        if entry.msgid in texts and entry.msgid_plural:
            entry.msgstr_plural = {0: texts[entry.msgid]}
        elif entry.msgid in texts:
            entry.msgstr = texts[entry.msgid]
    catalogue.save()
    catalogue.save_as_mofile(str(path.with_suffix(".mo")))


def test_a_complete_catalogue_has_no_problems(project: Path) -> None:
    assert list(translations.check(project)) == []


def test_a_new_text_is_missed_and_taken_in_untranslated(project: Path) -> None:
    (project / "templates" / "new.html").write_text('{% load i18n %}{% translate "Exam" %}')
    assert list(translations.check(project)) == ["templates/new.html: not in the catalogue: 'Exam'"]
    translations.refresh(project)
    assert list(translations.check(project)) == ["django.po: not translated: 'Exam'"]
    translate(project, Exam="Bài kiểm tra")
    assert list(translations.check(project)) == []


def test_a_placeholder_that_got_lost_is_named(project: Path) -> None:
    translate(project, **{"Saved at %(time)s": "Đã lưu lúc %(gio)s"})
    (problem,) = translations.check(project)
    assert "['%(gio)s'] instead of ['%(time)s']" in problem


def test_a_fuzzy_entry_is_a_problem(project: Path) -> None:
    path = translations.catalogue_path(project, "django")
    catalogue = polib.pofile(str(path))
    entry = catalogue.find("Next lesson")
    assert entry is not None
    entry.flags.append("fuzzy")
    catalogue.save()
    assert "django.po: fuzzy: 'Next lesson'" in list(translations.check(project))


def test_a_catalogue_that_was_not_compiled_is_a_problem(project: Path) -> None:
    path = translations.catalogue_path(project, "django")
    path.write_text(path.read_text().replace("Bài tiếp theo", "Bài sau"))
    assert list(translations.check(project)) == [
        "locale/vi/LC_MESSAGES/django.mo is not what django.po compiles to"
    ]


def test_a_text_that_is_not_english_is_a_problem(project: Path) -> None:
    (project / "templates" / "vi.html").write_text('{% load i18n %}{% translate "Khóa học" %}')
    assert "templates/vi.html: not English: 'Khóa học'" in list(translations.check(project))


def test_texts_of_packages_stay_and_texts_used_nowhere_go(project: Path) -> None:
    path = translations.catalogue_path(project, "django")
    catalogue = polib.pofile(str(path))
    # "Sign In" is allauth's.
    catalogue.append(polib.POEntry(msgid="Sign In", msgstr="Đăng nhập"))
    catalogue.append(polib.POEntry(msgid="Nobody says this", msgstr="Không ai nói"))
    catalogue.save()
    catalogue.save_as_mofile(str(path.with_suffix(".mo")))
    assert list(translations.check(project)) == ["django.po: used nowhere: 'Nobody says this'"]
    translations.refresh(project)
    assert list(translations.check(project)) == []
    kept = polib.pofile(str(path)).find("Sign In")
    assert kept is not None
    assert kept.msgstr == "Đăng nhập"
