"""Answering the survey of a run: once, and so that nobody can tell whose answer it is."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from courses.models import Course, CourseRun, Enrolment, SurveyAnswer, Surveyed, SurveyStatement

USUAL_STATEMENTS = (
    gettext_lazy("The content is useful for my work."),
    gettext_lazy("The lessons are easy to understand."),
    gettext_lazy("The trainers explain clearly and answer questions."),
    gettext_lazy("The length and the time of the course suit my work."),
    gettext_lazy("I can apply what I have learned."),
)
RATINGS = range(1, 6)
LONGEST_COMMENT = 2000


class SurveyRefused(Exception):
    """Carries the reason, in words for the learner."""


def statements_of(course: Course) -> list[str]:
    """What is rated: the course's own statements, or else the usual ones in the reader's words."""
    own = SurveyStatement.objects.filter(course=course).order_by("order")
    return [one.text for one in own] or [str(usual) for usual in USUAL_STATEMENTS]


def kept_statements(course: Course) -> list[str]:
    """As they stand in the answers: in the site's own language, whoever reads them."""
    with translation.override(settings.LANGUAGE_CODE):
        return statements_of(course)


def version_of(course: Course) -> str:
    """Changes with the statements: ratings of others are not taken for these."""
    return hashlib.sha256("\n".join(kept_statements(course)).encode()).hexdigest()[:16]


def is_open_to(enrolment: Enrolment, *, at: datetime) -> bool:
    """Who took part may answer, once the run is over or the course completed."""
    if enrolment.participated_at is None:
        return False
    run = enrolment.run
    over = run.state == CourseRun.State.CLOSED or run.ends_on < timezone.localdate(at)
    return over or enrolment.completed_at is not None


def has_answered(enrolment: Enrolment) -> bool:
    return Surveyed.objects.filter(pk=enrolment.pk).exists()


def answer_survey(
    *,
    enrolment_id: int,
    version: str,
    ratings: Sequence[int | None],
    comment: str,
    at: datetime,
) -> bool:
    """Keep one sheet, apart from the note that this learner has answered; False if there is one.

    Ratings stand in the order of the statements of that ``version``, None where one is left out.
    Raises SurveyRefused where the survey is not open, nothing is said, or the statements changed.
    """
    with transaction.atomic():
        enrolment = (
            Enrolment.objects.select_for_update(of=("self",))
            .select_related("run__course")
            .get(pk=enrolment_id)
        )
        if has_answered(enrolment):
            return False
        if not is_open_to(enrolment, at=at):
            raise SurveyRefused(_("The survey opens when the run is over or completed."))
        statements = kept_statements(enrolment.run.course)
        if version != version_of(enrolment.run.course) or len(ratings) != len(statements):
            raise SurveyRefused(_("The statements have changed meanwhile: please rate them again."))
        if not comment.strip() and all(rating is None for rating in ratings):
            raise SurveyRefused(_("Rate a statement or write a comment."))
        if any(rating is not None and rating not in RATINGS for rating in ratings):
            raise ValueError("ratings are whole numbers from 1 to 5")
        Surveyed.objects.create(enrolment=enrolment)
        SurveyAnswer.objects.create(
            id=uuid4(),
            run=enrolment.run,
            statements=statements,
            ratings=list(ratings),
            comment=comment[:LONGEST_COMMENT],
        )
    return True


def set_statements(*, course: Course, texts: Sequence[str]) -> None:
    """Replace the statements of a course; none means the usual ones. Given answers stay."""
    with transaction.atomic():
        Course.objects.select_for_update().get(pk=course.pk)
        SurveyStatement.objects.filter(course=course).delete()
        SurveyStatement.objects.bulk_create(
            SurveyStatement(course=course, order=order, text=text)
            for order, text in enumerate(texts, start=1)
        )
