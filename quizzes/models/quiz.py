"""A quiz: how an assessment is asked, drawn from a bank."""

from __future__ import annotations

from typing import Any, ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from courses.models import Assessment, Course
from quizzes.models.bank import Category, QuestionBank


class QuizQuerySet(models.QuerySet["Quiz"]):
    def visible_to(self, user: Any) -> QuizQuerySet:
        """For staff: the quizzes of one's own courses; all for DOST officers."""
        if user.has_perm("courses.manage_all_runs"):
            return self
        courses = Course.objects.filter(trainers__user=user)
        return self.filter(assessment__course__in=courses)


class Quiz(ClusterableModel):
    """The online test behind an assessment (bài kiểm tra).

    No law sets format or pass mark; the defaults are 30 questions, 45 minutes, 70 %, 2 attempts.
    """

    assessment = models.OneToOneField(
        Assessment, models.PROTECT, related_name="quiz", verbose_name=_("assessment")
    )
    bank = models.ForeignKey(
        QuestionBank, models.PROTECT, related_name="quizzes", verbose_name=_("question bank")
    )
    minutes = models.PositiveSmallIntegerField(
        _("time limit in minutes"), default=45, null=True, blank=True
    )
    pass_percent = models.PositiveSmallIntegerField(
        _("pass mark, %"), default=70, validators=[MinValueValidator(1), MaxValueValidator(100)]
    )
    attempts_allowed = models.PositiveSmallIntegerField(
        _("attempts allowed"), default=2, validators=[MinValueValidator(1)]
    )
    shuffle = models.BooleanField(_("shuffle questions and choices"), default=True)
    one_page = models.BooleanField(_("all questions on one page on wide screens"), default=True)
    show_answers = models.BooleanField(_("show the right answers after the attempt"), default=True)

    objects = QuizQuerySet.as_manager()

    class Meta:
        verbose_name = _("quiz")
        verbose_name_plural = _("quizzes")
        constraints = [
            models.CheckConstraint(
                condition=Q(pass_percent__gte=1, pass_percent__lte=100),
                name="pass_mark_is_a_percentage",
            ),
            models.CheckConstraint(condition=Q(attempts_allowed__gte=1), name="quiz_has_attempts"),
            models.CheckConstraint(
                condition=Q(minutes__isnull=True) | Q(minutes__gte=1), name="quiz_has_time"
            ),
        ]

    def __str__(self) -> str:
        return str(self.assessment)


class QuizSection(models.Model):
    """So many questions drawn at random from a category, or from the whole bank."""

    quiz = ParentalKey(Quiz, on_delete=models.CASCADE, related_name="sections")
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
        help_text=_("Empty: the whole bank."),
    )
    count = models.PositiveSmallIntegerField(
        _("number of questions"), validators=[MinValueValidator(1)]
    )
    marks = models.PositiveSmallIntegerField(
        _("marks per question"), default=1, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("section of a quiz")
        verbose_name_plural = _("sections of a quiz")
        ordering: ClassVar = ["order", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(count__gte=1), name="section_asks_something"),
            models.CheckConstraint(condition=Q(marks__gte=1), name="section_gives_marks"),
        ]

    def __str__(self) -> str:
        return f"{self.count} × {self.category or self.quiz.bank}"
