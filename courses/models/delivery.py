"""One delivery of a course: runs, enrolments, evidence and results."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import AdministrativeUnit, Agency, Phase
from courses.models.content import Course, LessonPage
from people.models import AgencyRole, Person
from vietnamese.fields import NFCCharField


class CourseRunQuerySet(models.QuerySet["CourseRun"]):
    def open_for_enrolment(self, *, on: date) -> CourseRunQuerySet:
        """Runs into which people can enrol by themselves on that day."""
        return self.filter(
            state__in=[CourseRun.State.OPEN, CourseRun.State.RUNNING], ends_on__gte=on
        )

    def visible_to(self, user: Any) -> CourseRunQuerySet:
        """For staff: a trainer's own courses; every run for DOST officers."""
        if user.has_perm("courses.manage_all_runs"):
            return self
        return self.filter(course__trainers__user=user)


class CourseRun(models.Model):
    """One delivery (lớp, đợt học). Opening freezes its rules and its list of lessons."""

    class Mode(models.TextChoices):
        ONLINE = "online", _("Online")
        IN_PERSON = "in_person", _("In person")
        BLENDED = "blended", _("Blended")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", _("Open for enrolment")
        RUNNING = "running", _("Running")
        CLOSED = "closed", _("Closed")

    course = models.ForeignKey(
        Course, models.PROTECT, related_name="runs", verbose_name=_("course")
    )
    name = NFCCharField(_("name"), max_length=200)
    mode = models.CharField(_("mode"), max_length=10, choices=Mode, default=Mode.ONLINE)
    state = models.CharField(
        _("state"), max_length=10, choices=State, default=State.DRAFT, editable=False
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    territory = models.ForeignKey(
        AdministrativeUnit, models.PROTECT, null=True, blank=True, verbose_name=_("territory")
    )
    phase = models.ForeignKey(
        Phase,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="runs",
        verbose_name=_("phase of a programme"),
    )
    supplementary = models.BooleanField(
        _("supplementary"),
        default=False,
        help_text=_("Counted on its own line, beside the programme's figures."),
    )
    provider = NFCCharField(_("provider"), max_length=200, blank=True)
    capacity = models.PositiveIntegerField(_("seats"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened at"), null=True, editable=False)
    frozen_rules = models.JSONField(_("rules as at opening"), null=True, editable=False)

    objects = CourseRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("course run")
        verbose_name_plural = _("course runs")
        ordering: ClassVar = ["-starts_on", "pk"]
        permissions: ClassVar = [("manage_all_runs", _("Can manage the runs of every course"))]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="run_ends_after_it_begins",
                violation_error_message=_("The last day is before the first."),
            ),
            models.CheckConstraint(
                condition=Q(state="draft", opened_at__isnull=True, frozen_rules__isnull=True)
                | (~Q(state="draft") & Q(opened_at__isnull=False) & Q(frozen_rules__isnull=False)),
                name="run_is_frozen_once_opened",
            ),
            models.CheckConstraint(
                condition=Q(capacity__isnull=True) | Q(capacity__gt=0), name="run_has_seats"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rules(self) -> dict[str, Any]:
        """``participation``, ``completion`` and required ``assessments`` as frozen at opening."""
        if self.frozen_rules is None:
            raise ValueError("a draft has no frozen rules")
        frozen: dict[str, Any] = self.frozen_rules
        return frozen


class RunLesson(models.Model):
    """A lesson as it stood when the run was opened; later publishing changes no running class."""

    run = models.ForeignKey(CourseRun, models.PROTECT, related_name="lessons")
    page = models.ForeignKey(LessonPage, models.PROTECT, related_name="run_lessons")
    order = models.PositiveSmallIntegerField(_("order"))
    seconds = models.PositiveIntegerField(_("seconds"))
    share = models.PositiveSmallIntegerField(_("share that must be watched, %"))

    class Meta:
        verbose_name = _("lesson of a run")
        verbose_name_plural = _("lessons of a run")
        ordering: ClassVar = ["run", "order"]
        constraints = [
            models.UniqueConstraint(fields=["run", "page"], name="lesson_once_per_run"),
            models.UniqueConstraint(fields=["run", "order"], name="lesson_order_once"),
            models.CheckConstraint(
                condition=Q(share__gte=1, share__lte=100), name="lesson_share_is_a_percentage"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order}. {self.page.title}"


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def visible_to(self, user: Any) -> EnrolmentQuerySet:
        """One's own; a focal point's agency; a trainer's courses; all for DOST officers."""
        if user.has_perm("courses.manage_all_runs"):
            return self
        seen = Q(run__course__trainers__user=user) | Q(
            agency__in=AgencyRole.objects.filter(user=user).values("agency")
        )
        if user.person_id:
            seen |= Q(person=user.person_id)
        return self.filter(seen).distinct()

    def of_person(self, person_id: int | None) -> EnrolmentQuerySet:
        return self.filter(person=person_id) if person_id is not None else self.none()


class Enrolment(models.Model):
    """A person in a run, from the agency as at enrolment.

    ``participated_at`` makes it a turn (lượt); ``completed_at`` is another matter. Both are set
    once, at the time of the deciding evidence.
    """

    person = models.ForeignKey(Person, models.PROTECT, related_name="enrolments")
    run = models.ForeignKey(CourseRun, models.PROTECT, related_name="enrolments")
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="enrolments"
    )
    enrolled_at = models.DateTimeField(_("enrolled at"))
    enrolled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    participated_at = models.DateTimeField(_("participated at"), null=True, blank=True)
    completed_at = models.DateTimeField(_("completed at"), null=True, blank=True)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "run"],
                name="enrolled_once",
                violation_error_message=_("The person is already enrolled in this run."),
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True) | Q(participated_at__isnull=False),
                name="who_completed_participated",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.run}"


class LessonProgress(models.Model):
    """What one learner has watched of one lesson: merged spans, in seconds of the video."""

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="progress")
    lesson = models.ForeignKey(RunLesson, models.PROTECT, related_name="progress")
    spans = models.JSONField(_("watched spans"), default=list)
    seconds = models.FloatField(_("seconds watched"), default=0)
    position = models.FloatField(_("where to go on"), default=0)
    first_at = models.DateTimeField(_("begun at"))
    last_at = models.DateTimeField(_("last report at"))
    completed_at = models.DateTimeField(_("completed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("lesson progress")
        verbose_name_plural = _("lesson progress")
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "lesson"], name="progress_once"),
            models.CheckConstraint(
                condition=Q(seconds__gte=0, position__gte=0), name="progress_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.enrolment}, {self.lesson}"


class Assessment(models.Model):
    """Something that is judged, of a course (final) or of a lesson (check); whoever judges it."""

    course = models.ForeignKey(
        Course, models.PROTECT, null=True, blank=True, related_name="assessments"
    )
    lesson = models.ForeignKey(
        LessonPage, models.PROTECT, null=True, blank=True, related_name="assessments"
    )
    title = NFCCharField(_("title"), max_length=200)
    required = models.BooleanField(_("required for completion"), default=True)
    weight = models.PositiveSmallIntegerField(_("weight"), default=100)

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            models.CheckConstraint(
                condition=Q(course__isnull=False, lesson__isnull=True)
                | Q(course__isnull=True, lesson__isnull=False),
                name="assessment_of_a_course_or_a_lesson",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class AssessmentResult(models.Model):
    """The result that stands for one enrolment, assessment and source."""

    class Source(models.TextChoices):
        ONLINE = "online", _("Online test")
        PAPER = "paper", _("Paper test")
        ASSIGNMENT = "assignment", _("Assignment")

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="results")
    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="results")
    source = models.CharField(_("source"), max_length=10, choices=Source)
    score = models.DecimalField(_("mark"), max_digits=7, decimal_places=2)
    max_score = models.DecimalField(_("highest possible mark"), max_digits=7, decimal_places=2)
    passed = models.BooleanField(_("passed"))
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "assessment", "source"], name="result_once_per_source"
            ),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=F("max_score")), name="result_within_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score}/{self.max_score}"
