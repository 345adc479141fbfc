"""A quiz: how an assessment is asked, drawn from a bank; when and for whom it is open."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from modelcluster.fields import ParentalKey
from modelcluster.models import ClusterableModel

from agencies.models import Agency
from courses.models import Assessment, Course, CourseRun
from people.models import Person
from quizzes.models.bank import Category, Difficulty, Question, QuestionBank
from vietnamese.fields import NFCCharField, NFCTextField


class QuizQuerySet(models.QuerySet["Quiz"]):
    def visible_to(self, user: Any) -> QuizQuerySet:
        """For staff: the quizzes of one's own courses; all for DOST officers."""
        if user.has_perm("courses.manage_all_runs"):
            return self
        courses = Course.objects.filter(trainers__user=user)
        return self.filter(assessment__in=Assessment.objects.of_courses(courses))

    def published(self) -> QuizQuerySet:
        return self.filter(published_at__isnull=False)

    def published_or_begun(self, enrolment: Any) -> QuizQuerySet:
        """What leads to a test for one enrolment: of one withdrawn, who has begun finishes."""
        begun = Quiz.objects.filter(attempts__enrolment=enrolment).values("pk")
        return self.filter(Q(published_at__isnull=False) | Q(pk__in=begun))


class Quiz(ClusterableModel):
    """The online test behind an assessment (bài kiểm tra).

    No law sets format or pass mark; the defaults are 30 questions, 45 minutes, 70 %, 2 attempts.
    Nobody can start a quiz before it is published, and only what can be held is published.
    """

    class GradeMethod(models.TextChoices):
        """Which of several attempts stands as the result."""

        HIGHEST = "highest", _("the best attempt")
        LAST = "last", _("the last attempt")
        FIRST = "first", _("the first attempt")
        AVERAGE = "average", _("the average of all attempts")

    class AtClosing(models.TextChoices):
        """What becomes of attempts that still run when the opening ends."""

        CUT_SHORT = "cut_short", _("They end then: who starts late has less time.")
        FULL_TIME = "full_time", _("Who started in time has the full time.")

    class Shown(models.TextChoices):
        """From when something may be seen."""

        SUBMITTED = "submitted", _("after submitting")
        CLOSED = "closed", _("when nobody can take the test any more")
        NEVER = "never", _("never")

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
    cool_down_minutes = models.PositiveIntegerField(
        _("minutes to wait between two attempts"), default=0, db_default=0
    )
    grade_method = models.CharField(
        _("of several attempts counts"),
        max_length=10,
        choices=GradeMethod,
        default=GradeMethod.HIGHEST,
        db_default="highest",
    )
    at_closing = models.CharField(
        _("attempts that run when the opening ends"),
        max_length=10,
        choices=AtClosing,
        default=AtClosing.CUT_SHORT,
        db_default="cut_short",
    )
    shuffle = models.BooleanField(_("shuffle questions and choices"), default=True)
    one_page = models.BooleanField(_("all questions on one page on wide screens"), default=True)
    show_result = models.CharField(
        _("passed or not"),
        max_length=10,
        choices=Shown,
        default=Shown.SUBMITTED,
        db_default="submitted",
    )
    show_marks = models.CharField(
        _("marks of each question"),
        max_length=10,
        choices=Shown,
        default=Shown.SUBMITTED,
        db_default="submitted",
    )
    show_answers = models.CharField(
        _("right answers"),
        max_length=10,
        choices=Shown,
        default=Shown.SUBMITTED,
        db_default="submitted",
    )
    show_feedback = models.CharField(
        _("explanations"),
        max_length=10,
        choices=Shown,
        default=Shown.SUBMITTED,
        db_default="submitted",
    )
    second_marker = models.BooleanField(
        _("long answers are marked twice"), default=False, db_default=False
    )
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)

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
    """So many questions drawn at random by a rule, or one fixed ``question``.

    The rule's parts narrow each other; empty ones do not narrow. ``clause`` takes in its parts:
    ``9001-8`` finds ``9001-8.4`` too.
    """

    quiz = ParentalKey(Quiz, on_delete=models.CASCADE, related_name="sections")
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    question = models.ForeignKey(
        Question,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("fixed question"),
        help_text=_("Empty: questions are drawn."),
    )
    category = models.ForeignKey(
        Category,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("category"),
        help_text=_("Empty: the whole bank."),
    )
    difficulty = models.CharField(
        _("difficulty"), max_length=20, choices=Difficulty, blank=True, db_default=""
    )
    clause = NFCCharField(
        _("clause"),
        max_length=40,
        blank=True,
        db_default="",
        help_text=_("As in the questions' tags, such as 9001-8.4; 9001-8 means all of clause 8."),
    )
    tags = NFCCharField(
        _("tags"),
        max_length=200,
        blank=True,
        db_default="",
        help_text=_("Separated by commas; a question must have all of them."),
    )
    count = models.PositiveSmallIntegerField(
        _("number of questions"), default=1, validators=[MinValueValidator(1)]
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
            models.CheckConstraint(
                condition=Q(question__isnull=True)
                | Q(count=1, category__isnull=True, difficulty="", clause="", tags=""),
                name="a_fixed_question_is_not_drawn",
                violation_error_message=_("A fixed question is one question, without a rule."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.count} × {self.question or self.category or self.quiz.bank}"


class OpeningQuerySet(models.QuerySet["Opening"]):
    def visible_to(self, user: Any) -> OpeningQuerySet:
        return self.filter(run__in=CourseRun.objects.visible_to(user))


class Opening(models.Model):
    """When the learners of a run may take a quiz, and the code said in the class, if any.

    Without one the quiz is open as long as the run goes on.
    """

    quiz = models.ForeignKey(Quiz, models.PROTECT, related_name="openings", verbose_name=_("quiz"))
    run = models.ForeignKey(
        CourseRun, models.PROTECT, related_name="openings", verbose_name=_("run")
    )
    opens_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes at"), null=True, blank=True)
    class_code = NFCCharField(
        _("class code"),
        max_length=20,
        blank=True,
        help_text=_("Said in the class; who starts the test types it. Empty: none is asked."),
    )

    objects = OpeningQuerySet.as_manager()

    class Meta:
        verbose_name = _("opening of a quiz")
        verbose_name_plural = _("openings of quizzes")
        constraints = [
            models.UniqueConstraint(
                fields=["quiz", "run"],
                name="one_opening_per_run",
                violation_error_message=_("The run has an opening of this test already."),
            ),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True)
                | Q(closes_at__isnull=True)
                | Q(opens_at__lt=F("closes_at")),
                name="opens_before_it_closes",
                violation_error_message=_("It must open before it closes."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiz}, {self.run}"


class AccommodationQuerySet(models.QuerySet["Accommodation"]):
    def standing(self) -> AccommodationQuerySet:
        return self.filter(withdrawn_at__isnull=True)

    def visible_to(self, user: Any) -> AccommodationQuerySet:
        return self.filter(quiz__in=Quiz.objects.visible_to(user))


class Accommodation(models.Model):
    """More time, attempts or a later closing for a person, an agency or a run; never edited.

    Of several that fit a learner the most favourable wins, each field by itself.
    """

    quiz = models.ForeignKey(
        Quiz, models.PROTECT, related_name="accommodations", verbose_name=_("quiz")
    )
    person = models.ForeignKey(
        Person, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("person")
    )
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("agency")
    )
    run = models.ForeignKey(
        CourseRun, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("run")
    )
    extra_minutes = models.PositiveSmallIntegerField(_("extra minutes"), default=0)
    extra_attempts = models.PositiveSmallIntegerField(_("extra attempts"), default=0)
    closes_at = models.DateTimeField(_("closes at"), null=True, blank=True)
    reason = NFCTextField(_("reason"))
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("given by")
    )
    given_at = models.DateTimeField(_("given at"))
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, editable=False)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", editable=False
    )

    objects = AccommodationQuerySet.as_manager()

    class Meta:
        verbose_name = _("accommodation")
        verbose_name_plural = _("accommodations")
        ordering: ClassVar = ["-given_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=False, agency__isnull=True, run__isnull=True)
                | Q(person__isnull=True, agency__isnull=False, run__isnull=True)
                | Q(person__isnull=True, agency__isnull=True, run__isnull=False),
                name="accommodation_for_exactly_one",
                violation_error_message=_("Name exactly one: a person, an agency or a run."),
            ),
            models.CheckConstraint(
                condition=Q(extra_minutes__gt=0)
                | Q(extra_attempts__gt=0)
                | Q(closes_at__isnull=False),
                name="accommodation_gives_something",
                violation_error_message=_("Give extra minutes, extra attempts or a later closing."),
            ),
            models.CheckConstraint(
                condition=~Q(reason=""),
                name="accommodation_has_a_reason",
                violation_error_message=_("Say why."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quiz}: {self.person or self.agency or self.run}"
