"""What the staff's page of a quiz shows."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from courses.models import CourseRun
from quizzes import accommodating, contradictions, filling, previewing, publishing, stock
from quizzes.models import Question, Quiz, QuizSection

MOST_RUNS = 30


@dataclass(frozen=True)
class SectionLine:
    """A section in words; so many questions of the bank ``fit`` its rule."""

    rule: str
    count: int
    marks: int
    fit: int


def sections(quiz: Quiz) -> list[SectionLine]:
    """The sections of a quiz in their order."""
    items = stock.of(quiz.bank).items
    return [
        SectionLine(_rule(one), one.count, one.marks, len(filling.fitting(one, items)))
        for one in quiz.sections.select_related("category", "question").order_by("order", "pk")
    ]


def _rule(section: QuizSection) -> str:
    if isinstance(section.question, Question):
        return _("Fixed question: %(question)s") % {"question": section.question}
    parts = [
        str(section.category or ""),
        section.get_difficulty_display() if section.difficulty else "",
        _("clause %(clause)s") % {"clause": section.clause} if section.clause else "",
        _("tags %(tags)s") % {"tags": section.tags} if section.tags else "",
    ]
    return " · ".join(part for part in parts if part) or _("The whole bank")


def page(*, quiz: Quiz, user: Any) -> dict[str, Any]:
    """Context of the page: ``facts`` in pairs, ``sections``, ``reasons`` against publishing,
    ``doubts``, and the ``runs`` that are going on."""
    runs = accommodating.runs_of(quiz).filter(state__in=CourseRun.GOING_ON)
    seen = CourseRun.objects.visible_to(user).values("pk")
    return {
        "quiz": quiz,
        "facts": _facts(quiz),
        "sections": sections(quiz),
        "reasons": publishing.reasons_against(quiz),
        "doubts": contradictions.doubts(quiz),
        "begun": publishing.is_begun(quiz),
        "may_preview": previewing.may_preview(quiz, user),
        "runs": runs.filter(pk__in=seen).order_by("-starts_on", "pk")[:MOST_RUNS],
    }


def _facts(quiz: Quiz) -> list[tuple[str, str]]:
    """Time, attempts, grading and review, each in words."""
    shown = {
        name: getattr(quiz, f"get_{name}_display")()
        for name in ("show_result", "show_marks", "show_answers", "show_feedback")
    }
    attempts = ngettext("%(count)s attempt", "%(count)s attempts", quiz.attempts_allowed)
    facts = [
        (_("Question bank"), str(quiz.bank)),
        (_("Time limit"), _minutes(quiz.minutes) if quiz.minutes else _("no time limit")),
        (_("Attempts allowed"), attempts % {"count": quiz.attempts_allowed}),
        (_("Pass mark"), f"{quiz.pass_percent} %"),
        (_("When the opening ends"), str(quiz.get_at_closing_display())),
    ]
    if quiz.attempts_allowed > 1:
        facts.append((_("Of several attempts counts"), str(quiz.get_grade_method_display())))
    if quiz.cool_down_minutes:
        facts.append((_("Wait between two attempts"), _minutes(quiz.cool_down_minutes)))
    for name, when in shown.items():
        facts.append((str(Quiz._meta.get_field(name).verbose_name).capitalize(), str(when)))
    return facts


def _minutes(number: int) -> str:
    return ngettext("%(count)s minute", "%(count)s minutes", number) % {"count": number}
