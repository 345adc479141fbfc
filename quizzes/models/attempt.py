"""One sitting of a quiz, the answers kept while it runs, and what happened in it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from courses.models import CourseRun, Enrolment
from quizzes.models.paper import PaperField
from quizzes.models.quiz import Quiz
from vietnamese.fields import NFCTextField


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def of_person(self, person_id: int | None) -> AttemptQuerySet:
        """The person's own attempts; anybody else's is as good as not there."""
        return self.filter(enrolment__person=person_id) if person_id is not None else self.none()

    def visible_to(self, user: Any) -> AttemptQuerySet:
        """For staff: attempts in one's own courses; all for DOST officers."""
        return self.filter(enrolment__run__in=CourseRun.objects.visible_to(user))

    def open(self) -> AttemptQuerySet:
        return self.filter(submitted_at__isnull=True)

    def graded(self) -> AttemptQuerySet:
        """Submitted, and nothing waits for a marker."""
        return self.filter(score__isnull=False)


class Attempt(models.Model):
    """A sitting (lần thi). ``paper`` is drawn once and frozen, slots count from 1.

    ``marks`` holds, in the order of the slots, the share of each slot's marks earned, as a string
    fraction ("1", "2/3"), written at grading; None where a marker still has to decide.
    """

    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, related_name="attempts", db_index=False
    )
    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="attempts")
    number = models.PositiveSmallIntegerField(_("attempt"))
    started_at = models.DateTimeField(_("started at"))
    deadline = models.DateTimeField(_("deadline"), null=True)
    submitted_at = models.DateTimeField(_("submitted at"), null=True)
    paper = PaperField(_("paper"))
    marks = models.JSONField(_("marks"), null=True)
    score = models.DecimalField(_("mark"), max_digits=7, decimal_places=2, null=True)
    max_score = models.DecimalField(_("highest possible mark"), max_digits=7, decimal_places=2)
    passed = models.BooleanField(_("passed"), null=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")
        ordering: ClassVar = ["enrolment", "quiz", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "quiz"],
                condition=Q(submitted_at__isnull=True),
                name="one_open_attempt",
            ),
            # Its index finds the attempts of an enrolment too.
            models.UniqueConstraint(
                fields=["enrolment", "quiz", "number"], name="attempt_number_once"
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, marks__isnull=True)
                | Q(submitted_at__isnull=False, marks__isnull=False),
                name="submitted_means_looked_at",
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True, passed__isnull=True)
                | Q(score__isnull=False, passed__isnull=False, marks__isnull=False),
                name="graded_means_looked_at",
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=F("max_score")),
                name="attempt_score_within_range",
            ),
        ]
        indexes = [
            models.Index(
                fields=["deadline"],
                condition=Q(submitted_at__isnull=True),
                name="attempt_open_by_deadline",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}: {self.quiz} ({self.number})"


class Answer(models.Model):
    """The latest answer of one slot; ``seq`` is the device's counter, and the highest wins."""

    pk = models.CompositePrimaryKey("attempt_id", "slot")
    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="answers", db_index=False)
    slot = models.PositiveSmallIntegerField(_("question"))
    seq = models.BigIntegerField(_("sequence number"))
    response = models.JSONField(_("answer"), null=True)
    saved_at = models.DateTimeField(_("saved at"))

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")

    def __str__(self) -> str:
        return f"{self.attempt_id}/{self.slot}"


class LateAnswer(models.Model):
    """An answer received after deadline and grace: evidence, counts only if time is restored."""

    append_only = True

    pk = models.CompositePrimaryKey("attempt_id", "slot", "seq")
    attempt = models.ForeignKey(
        Attempt, models.PROTECT, related_name="late_answers", db_index=False
    )
    slot = models.PositiveSmallIntegerField(_("question"))
    seq = models.BigIntegerField(_("sequence number"))
    response = models.JSONField(_("answer"), null=True)
    received_at = models.DateTimeField(_("received at"))

    class Meta:
        verbose_name = _("late answer")
        verbose_name_plural = _("late answers")

    def __str__(self) -> str:
        return f"{self.attempt_id}/{self.slot}/{self.seq}"


class AttemptEvent(models.Model):
    """Something that happened in a sitting: evidence for people, never a verdict.

    Start, submission and grading stand in the attempt itself; ``quizzes.trail`` joins them.
    ``noted_at`` is the server's time. For what a device reports of itself it is the device's own
    time, and ``detail`` has the server's (``received``); for saved and late answers ``detail``
    lists the slots.
    """

    class Kind(models.IntegerChoices):
        SAVED = 1, _("answers saved")
        LATE = 2, _("answers received late")
        OFFLINE = 3, _("connection lost")
        BACK = 4, _("connection back")
        LEFT = 5, _("left the page")
        RETURNED = 6, _("came back to the page")
        MORE_TIME = 7, _("time changed")
        TIME_RESTORED = 8, _("time restored")

    append_only = True

    pk = models.CompositePrimaryKey("attempt_id", "noted_at", "kind")
    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="events", db_index=False)
    noted_at = models.DateTimeField(_("time"))
    kind = models.PositiveSmallIntegerField(_("event"), choices=Kind)
    detail = models.JSONField(_("detail"), null=True)

    class Meta:
        verbose_name = _("event of an attempt")
        verbose_name_plural = _("events of attempts")

    def __str__(self) -> str:
        return f"{self.attempt_id}: {self.get_kind_display()}"


class GradeRevision(models.Model):
    """A grade that was replaced: what stood before, who changed it and why."""

    append_only = True

    attempt = models.ForeignKey(Attempt, models.PROTECT, related_name="grade_revisions")
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    reason = NFCTextField(_("reason"))
    marks = models.JSONField(_("marks"))
    score = models.DecimalField(_("mark"), max_digits=7, decimal_places=2, null=True)
    passed = models.BooleanField(_("passed"), null=True)

    class Meta:
        verbose_name = _("revised grade")
        verbose_name_plural = _("revised grades")
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.attempt}: {self.score}"
