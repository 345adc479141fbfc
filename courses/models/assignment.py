"""Assignments (bài tập tình huống): what is asked, what was handed in, how it was marked."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from courses.models.assessment import Assessment
from courses.models.content import Course, private_storage
from courses.models.enrolment import Enrolment
from courses.models.run import CourseRun
from vietnamese.fields import NFCCharField, NFCTextField


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, user: Any) -> AssignmentQuerySet:
        """For staff: the assignments of one's own courses; all for DOST officers."""
        if user.has_perm("courses.manage_all_runs"):
            return self
        return self.filter(assessment__course__in=Course.objects.filter(trainers__user=user))


class Assignment(ClusterableModel):
    """A case to be worked on in writing, marked by a trainer along a rubric."""

    assessment = models.OneToOneField(
        Assessment, models.PROTECT, related_name="assignment", verbose_name=_("assessment")
    )
    instructions = NFCTextField(_("instructions"))

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")

    def __str__(self) -> str:
        return str(self.assessment)


class Criterion(models.Model):
    """One line of the rubric, with the marks that it can bring."""

    assignment = ParentalKey(Assignment, on_delete=models.CASCADE, related_name="criteria")
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    title = NFCCharField(_("criterion"), max_length=200)
    description = NFCTextField(_("what full marks ask for"), blank=True)
    marks = models.DecimalField(
        _("marks"), max_digits=5, decimal_places=2, validators=[MinValueValidator(Decimal("0.25"))]
    )

    class Meta:
        verbose_name = _("criterion")
        verbose_name_plural = _("rubric")
        ordering: ClassVar = ["order", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(marks__gt=0), name="criterion_brings_marks"),
        ]

    def __str__(self) -> str:
        return self.title


class AssignmentDue(models.Model):
    """Until when an assignment is to be handed in in a run; what comes later is marked as late."""

    run = models.ForeignKey(CourseRun, models.CASCADE, related_name="assignment_dues")
    assignment = models.ForeignKey(Assignment, models.CASCADE, related_name="dues")
    due_at = models.DateTimeField(_("to be handed in by"))

    class Meta:
        verbose_name = _("due date of an assignment")
        verbose_name_plural = _("due dates of assignments")
        constraints = [
            models.UniqueConstraint(fields=["run", "assignment"], name="one_due_date_per_run"),
        ]

    def __str__(self) -> str:
        return f"{self.assignment}, {self.due_at:%d/%m/%Y}"


class SubmissionQuerySet(models.QuerySet["Submission"]):
    def visible_to(self, user: Any) -> SubmissionQuerySet:
        """For staff: what was handed in in the runs one may manage."""
        return self.filter(enrolment__run__in=CourseRun.objects.visible_to(user))

    def waiting(self) -> SubmissionQuerySet:
        """What can be marked now."""
        return self.filter(
            Q(state=Submission.State.HANDED_IN)
            | Q(state=Submission.State.RETURNED, enrolment__run__state=CourseRun.State.CLOSED)
        )

    def of_person(self, person_id: int | None) -> SubmissionQuerySet:
        return self.filter(enrolment__person=person_id) if person_id is not None else self.none()


class Submission(models.Model):
    """A learner's work on an assignment.

    draft → handed in → marked, or once back to the learner (returned) and handed in again. What
    the learner did not hand in again is marked as it was, once the run is closed.
    ``version`` counts every change, so that nobody marks what has changed meanwhile.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        HANDED_IN = "handed_in", _("Handed in")
        RETURNED = "returned", _("Returned for revision")
        MARKED = "marked", _("Marked")

    IN_HAND: ClassVar = [State.DRAFT, State.RETURNED]

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="submissions")
    assignment = models.ForeignKey(Assignment, models.PROTECT, related_name="submissions")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.DRAFT)
    version = models.PositiveIntegerField(_("version"), default=1)
    text = NFCTextField(_("text"), blank=True)
    saved_at = models.DateTimeField(_("saved at"))
    handed_in_at = models.DateTimeField(_("handed in at"), null=True, blank=True)
    returned_at = models.DateTimeField(_("returned at"), null=True, blank=True)
    marked_at = models.DateTimeField(_("marked at"), null=True, blank=True)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("marked by"),
    )
    marks = models.JSONField(_("marks"), default=list)
    feedback = NFCTextField(_("feedback"), blank=True)

    objects = SubmissionQuerySet.as_manager()

    class Meta:
        verbose_name = _("submission")
        verbose_name_plural = _("submissions")
        ordering: ClassVar = ["handed_in_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "assignment"], name="one_submission"),
            models.CheckConstraint(
                condition=Q(state="draft", handed_in_at__isnull=True)
                | (~Q(state="draft") & Q(handed_in_at__isnull=False)),
                name="submission_handed_in_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(state="marked", marked_at__isnull=False)
                | (~Q(state="marked") & Q(marked_at__isnull=True)),
                name="submission_marked_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="returned") | Q(returned_at__isnull=False),
                name="submission_returned_has_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment.person}, {self.assignment}"

    @property
    def waits(self) -> bool:
        """Whether it can be marked now."""
        closed = self.enrolment.run.state == CourseRun.State.CLOSED
        return self.state == self.State.HANDED_IN or (self.state == self.State.RETURNED and closed)

    def handed_in_text(self) -> str:
        """The text that was handed in last; ``text`` may have been changed after a return."""
        last = self.steps.filter(kind=SubmissionStep.Kind.HANDED_IN).last()
        return last.text if last else self.text


class SubmissionFile(models.Model):
    """A file of a submission; once handed in it stays."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="files")
    file = models.FileField(
        _("file"), upload_to="assignments", storage=private_storage, max_length=200
    )
    name = NFCCharField(_("name"), max_length=120)
    size = models.PositiveIntegerField(_("size"))
    hash = models.CharField(max_length=64, editable=False)
    added_at = models.DateTimeField(_("added at"))
    handed_in_at = models.DateTimeField(_("handed in at"), null=True, blank=True)

    class Meta:
        verbose_name = _("file of a submission")
        verbose_name_plural = _("files of submissions")
        ordering: ClassVar = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["submission", "hash"], name="file_once_in_submission"),
        ]

    def __str__(self) -> str:
        return self.name


class SubmissionStep(models.Model):
    """What happened to a submission; ``text`` is what was handed in, or said to the learner."""

    class Kind(models.TextChoices):
        HANDED_IN = "handed_in", _("Handed in")
        RETURNED = "returned", _("Returned for revision")
        MARKED = "marked", _("Marked")
        CORRECTED = "corrected", _("Mark corrected")

    append_only = True

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="steps")
    kind = models.CharField(_("what happened"), max_length=10, choices=Kind)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    text = NFCTextField(_("text"), blank=True)
    marks = models.JSONField(_("marks"), default=list)

    class Meta:
        verbose_name = _("step of a submission")
        verbose_name_plural = _("steps of submissions")
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.submission}"
