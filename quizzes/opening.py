"""When the learners of a run may take a quiz, and the code that is said in the class."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from wagtail.log_actions import log

from courses import running
from courses.models import CourseRun, Enrolment
from quizzes import accommodating, contradictions
from quizzes.models import Opening, Quiz


class OpeningRefused(Exception):
    """Nothing was changed; carries the reason, in words for people."""


@dataclass(frozen=True)
class Set:
    """What stands after ``open_to_run``; ``moved`` open attempts have more time than before."""

    opening: Opening | None
    changed: bool
    moved: int


def quizzes_of(run: CourseRun) -> QuerySet[Quiz]:
    """The quizzes of a run, published or not; of a draft those that it would take over now."""
    return (
        Quiz.objects.filter(assessment__in=running.offered(run))
        .select_related("assessment", "bank")
        .order_by("assessment__title", "pk")
    )


def open_to_run(
    *,
    quiz_id: int,
    run_id: int,
    opens_at: datetime | None,
    closes_at: datetime | None,
    class_code: str = "",
    at: datetime,
    by: Any,
) -> Set:
    """Set the opening of a quiz for a run; with nothing said it is open as long as the run goes on.

    Where attempts are cut short, closing later gives those that are open more time; closing
    earlier takes none away. The same again changes nothing. Raises OpeningRefused,
    Quiz.DoesNotExist for a quiz that is not the run's, and CourseRun.DoesNotExist.
    """
    wanted = Opening(
        quiz_id=quiz_id,
        run_id=run_id,
        opens_at=opens_at,
        closes_at=closes_at,
        class_code=class_code.strip(),
    )
    with transaction.atomic():
        # The run's lock makes two who set the same opening come one after the other.
        run = CourseRun.objects.select_for_update(of=("self",)).get(pk=run_id)
        quiz = quizzes_of(run).get(pk=quiz_id)
        if refusal := _reason_against(run, quiz, wanted):
            raise OpeningRefused(refusal)
        before = Opening.objects.filter(quiz=quiz, run=run).first()
        if _said(before) == _said(wanted):
            return Set(before, changed=False, moved=0)
        log(instance=run, action="wagtail.edit", user=by, data=_for_log(quiz, before, wanted))
        later = _is_later(before, wanted)
        opening = _keep(before, wanted)
    # After the commit: who starts from now on reads the new opening.
    moved = 0
    if later:
        enrolments = Enrolment.objects.filter(run=run)
        moved = accommodating.move_deadlines(quiz_id=quiz.pk, enrolments=enrolments, at=at)
    return Set(opening, changed=True, moved=moved)


def _reason_against(run: CourseRun, quiz: Quiz, wanted: Opening) -> str:
    if run.state == CourseRun.State.CLOSED:
        return _("The run is closed: it stays as it is.")
    if wanted.opens_at and wanted.closes_at and wanted.opens_at >= wanted.closes_at:
        return _("It must open before it closes.")
    if contradictions.is_too_short(quiz, wanted):
        return _(
            "The opening is shorter than the time limit of %(minutes)s minutes, and attempts are "
            "cut short: nobody would have the full time."
        ) % {"minutes": quiz.minutes}
    return ""


def _keep(before: Opening | None, wanted: Opening) -> Opening | None:
    if not any(_said(wanted).values()):
        if before:
            before.delete()
        return None
    if before is None:
        wanted.save()
        return wanted
    before.opens_at, before.closes_at = wanted.opens_at, wanted.closes_at
    before.class_code = wanted.class_code
    before.save()
    return before


def _said(opening: Opening | None) -> dict[str, str]:
    """What an opening says; all empty where there is none."""
    if opening is None:
        return {"opens_at": "", "closes_at": "", "class_code": ""}
    return {
        "opens_at": opening.opens_at.astimezone(UTC).isoformat() if opening.opens_at else "",
        "closes_at": opening.closes_at.astimezone(UTC).isoformat() if opening.closes_at else "",
        "class_code": opening.class_code,
    }


def _for_log(quiz: Quiz, before: Opening | None, wanted: Opening) -> dict[str, Any]:
    """The change in the run's history; the class code itself is not spread."""
    old, new = _said(before), _said(wanted)
    recoded = old.pop("class_code") != new.pop("class_code")
    return {"quiz": str(quiz), "before": old, "after": new, "class_code_changed": recoded}


def _is_later(before: Opening | None, wanted: Opening) -> bool:
    """Whether the end moves away."""
    if before is None or before.closes_at is None:
        return False
    return wanted.closes_at is None or wanted.closes_at > before.closes_at
