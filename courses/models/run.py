"""One delivery of a course: the run, its frozen lessons, who may enrol, what was amended."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import AdministrativeUnit, Agency, Phase
from courses.models.content import Course, LessonPage
from people.models import Person
from vietnamese.fields import NFCCharField, NFCTextField


class CourseRunQuerySet(models.QuerySet["CourseRun"]):
    def open_for_enrolment(self, *, on: date) -> CourseRunQuerySet:
        """Runs into which people can enrol by themselves on that day."""
        return self.filter(
            Q(enrol_until__isnull=True) | Q(enrol_until__gte=on),
            state__in=CourseRun.GOING_ON,
            ends_on__gte=on,
        )

    def visible_to(self, user: Any) -> CourseRunQuerySet:
        """For staff: the runs one teaches, those of one's courses; every run for DOST officers."""
        if user.has_perm("courses.manage_all_runs"):
            return self
        # Keys instead of joins: a trainer of both the course and the run sees the run once.
        taught = CourseRun.trainers.through.objects.filter(user=user).values("courserun")
        courses = Course.objects.filter(trainers__user=user)
        return self.filter(Q(course__in=courses) | Q(pk__in=taught))


class CourseRun(models.Model):
    """One delivery (lớp, đợt học). Opening freezes its rules and its list of lessons.

    ``unsettled_since`` is when rules, lessons or class meetings changed that are not yet carried
    into everybody's evidence.
    """

    class Mode(models.TextChoices):
        ONLINE = "online", _("Online")
        IN_PERSON = "in_person", _("In person")
        BLENDED = "blended", _("Blended")

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", _("Open for enrolment")
        RUNNING = "running", _("Running")
        CLOSED = "closed", _("Closed")

    class OpenTo(models.TextChoices):
        EVERYONE = "everyone", _("Everyone")
        AGENCIES = "agencies", _("People of certain agencies")
        LEVELS = "levels", _("People of agencies of certain levels")
        PHASE = "phase", _("People of the agencies of its phase")
        INVITED = "invited", _("Those invited")

    GOING_ON: ClassVar = [State.OPEN, State.RUNNING]

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
    trainers: models.ManyToManyField[Any, Any] = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="taught_runs",
        verbose_name=_("trainers of this run"),
        help_text=_("Besides the trainers of the course."),
    )
    capacity = models.PositiveIntegerField(_("seats"), null=True, blank=True)
    open_to = models.CharField(
        _("open to"),
        max_length=10,
        choices=OpenTo,
        default=OpenTo.EVERYONE,
        db_default=OpenTo.EVERYONE,
    )
    agencies: models.ManyToManyField[Agency, Any] = models.ManyToManyField(
        Agency, blank=True, related_name="+", verbose_name=_("agencies")
    )
    levels = models.JSONField(
        _("levels"), default=list, blank=True, db_default=models.Value([], models.JSONField())
    )
    needs_approval = models.BooleanField(
        _("the focal point approves"),
        default=False,
        db_default=False,
        help_text=_("Who enrols alone waits for the ISO focal point of the own agency."),
    )
    enrol_until = models.DateField(
        _("last day of enrolment"),
        null=True,
        blank=True,
        help_text=_("Empty: as long as the run goes on."),
    )
    opened_at = models.DateTimeField(_("opened at"), null=True, editable=False)
    started_at = models.DateTimeField(_("begun at"), null=True, editable=False)
    closed_at = models.DateTimeField(_("closed at"), null=True, editable=False)
    unsettled_since = models.DateTimeField(null=True, editable=False)
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

    @property
    def is_going_on(self) -> bool:
        return self.state in self.GOING_ON


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


class Amendment(models.Model):
    """What was changed in an opened run, by whom and why; learners see it.

    ``changes`` maps the name of what changed to its text before and after.
    """

    append_only = True

    run = models.ForeignKey(CourseRun, models.PROTECT, related_name="amendments")
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    reason = NFCTextField(_("reason"))
    changes = models.JSONField(_("changes"))

    class Meta:
        verbose_name = _("amendment")
        verbose_name_plural = _("amendments")
        ordering: ClassVar = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="amendment_has_a_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.run}: {self.reason}"


class Invitation(models.Model):
    """Who may enrol in a run that is open to those invited."""

    run = models.ForeignKey(CourseRun, models.CASCADE, related_name="invitations")
    person = models.ForeignKey(Person, models.PROTECT, related_name="invitations")
    invited_at = models.DateTimeField(_("invited at"))
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(fields=["run", "person"], name="invited_once"),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.run}"
