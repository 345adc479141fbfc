"""What is judged, and the results that stand; whoever judged."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Substr
from django.utils.translation import gettext_lazy as _

from courses.models.content import Course, CoursePage, LessonPage
from courses.models.enrolment import Enrolment
from vietnamese.fields import NFCCharField, NFCTextField


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def of_courses(self, courses: models.QuerySet[Course]) -> AssessmentQuerySet:
        """Those of the courses themselves and of the lessons beneath their pages."""
        pages = CoursePage.objects.filter(course__in=courses).values("path")
        parent = Substr("path", 1, Length("path") - LessonPage.steplen)
        lessons = LessonPage.objects.annotate(parent=parent).filter(parent__in=pages)
        return self.filter(Q(course__in=courses) | Q(lesson__in=lessons.values("pk")))


class Assessment(models.Model):
    """Something that is judged, of a course (final) or of a lesson (check); whoever judges it."""

    course = models.ForeignKey(
        Course,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assessments",
        verbose_name=_("course"),
    )
    lesson = models.ForeignKey(
        LessonPage,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="assessments",
        verbose_name=_("lesson"),
    )
    title = NFCCharField(_("title"), max_length=200)
    required = models.BooleanField(_("required for completion"), default=True)
    weight = models.PositiveSmallIntegerField(_("weight"), default=100)
    pass_percent = models.PositiveSmallIntegerField(
        _("pass mark, %"),
        default=70,
        db_default=70,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("For paper tests and assignments; an online test brings its own."),
    )

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            models.CheckConstraint(
                condition=Q(pass_percent__gte=1, pass_percent__lte=100),
                name="assessment_pass_mark_is_a_percentage",
            ),
            models.CheckConstraint(
                condition=Q(course__isnull=False, lesson__isnull=True)
                | Q(course__isnull=True, lesson__isnull=False),
                name="assessment_of_a_course_or_a_lesson",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class AssessmentResult(models.Model):
    """The result that stands for one enrolment, assessment and source.

    ``passed_at`` stays that of the first pass when a better result takes its place. On paper a
    result is only replaced by its correction, and passes when that says.
    """

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
    passed_at = models.DateTimeField(_("first passed at"), null=True, blank=True)
    sheet = models.ForeignKey(
        "courses.ResultSheet",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="results",
        verbose_name=_("sheet"),
    )

    class Meta:
        verbose_name = _("result")
        verbose_name_plural = _("results")
        constraints = [
            models.CheckConstraint(
                condition=Q(passed=True, passed_at__isnull=False)
                | Q(passed=False, passed_at__isnull=True),
                name="a_pass_has_its_time",
            ),
            models.UniqueConstraint(
                fields=["enrolment", "assessment", "source"], name="result_once_per_source"
            ),
            models.CheckConstraint(
                condition=Q(score__gte=0, score__lte=F("max_score")), name="result_within_range"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score}/{self.max_score}"


class ResultRevision(models.Model):
    """A result that was replaced: what stood before, who changed it and why."""

    append_only = True

    result = models.ForeignKey(AssessmentResult, models.PROTECT, related_name="revisions")
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    reason = NFCTextField(_("reason"), blank=True)
    score = models.DecimalField(_("mark"), max_digits=7, decimal_places=2)
    max_score = models.DecimalField(_("highest possible mark"), max_digits=7, decimal_places=2)
    passed = models.BooleanField(_("passed"))
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        verbose_name = _("revised result")
        verbose_name_plural = _("revised results")
        ordering: ClassVar = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.result}: {self.score}/{self.max_score}"
