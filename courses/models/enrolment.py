"""A person in a run: the enrolment, asking for one, what became of it, what was watched."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from courses.models.run import CourseRun, RunLesson
from people.models import AgencyRole, Person
from vietnamese.fields import NFCTextField


class EnrolmentQuerySet(models.QuerySet["Enrolment"]):
    def visible_to(self, user: Any) -> EnrolmentQuerySet:
        """One's own; a focal point's agency; a trainer's runs; all for DOST officers."""
        if user.has_perm("courses.manage_all_runs"):
            return self
        seen = Q(run__in=CourseRun.objects.visible_to(user)) | Q(
            agency__in=AgencyRole.objects.filter(user=user).values("agency")
        )
        if user.person_id:
            seen |= Q(person=user.person_id)
        return self.filter(seen)

    def of_person(self, person_id: int | None) -> EnrolmentQuerySet:
        return self.filter(person=person_id) if person_id is not None else self.none()

    def active(self) -> EnrolmentQuerySet:
        """Those who have not withdrawn: they take the seats, and get the mails."""
        return self.filter(withdrawn_at__isnull=True)


class Enrolment(models.Model):
    """A person in a run, from the agency as at enrolment.

    ``participated_at`` makes it a turn (lượt); ``completed_at`` is another matter. Both follow
    from the evidence, at the time of the piece that decides.
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
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)

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

    @property
    def goes_on(self) -> bool:
        """Whether the learner can still watch and take tests; reads the run."""
        return self.withdrawn_at is None and self.run.is_going_on


class EnrolmentEvent(models.Model):
    """What happened to an enrolment after it was made; never changed, so history stays."""

    class Kind(models.TextChoices):
        WITHDRAWN = "withdrawn", _("Withdrawn")
        RETURNED = "returned", _("Returned")
        TRANSFERRED_OUT = "transferred_out", _("Transferred to another run")
        TRANSFERRED_IN = "transferred_in", _("Transferred from another run")

    append_only = True

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="events")
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    at = models.DateTimeField(_("time"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("by")
    )
    reason = NFCTextField(_("reason"), blank=True)
    other = models.ForeignKey(Enrolment, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("event of an enrolment")
        verbose_name_plural = _("events of enrolments")
        ordering: ClassVar = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.enrolment}"


class EnrolmentRequestQuerySet(models.QuerySet["EnrolmentRequest"]):
    def visible_to(self, user: Any) -> EnrolmentRequestQuerySet:
        """For staff: those of the own agencies, who decide them; all for DOST officers."""
        if user.has_perm("courses.manage_all_runs"):
            return self
        own = AgencyRole.objects.filter(user=user).values("agency")
        return self.filter(agency__in=own)

    def of_person(self, person_id: int | None) -> EnrolmentRequestQuerySet:
        return self.filter(person=person_id) if person_id is not None else self.none()


class EnrolmentRequest(models.Model):
    """Someone asks for a place: it waits for the focal point, or for a seat.

    Seats are given in the order of ``asked_at``; an approval does not cost the place in the queue.
    """

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for approval")
        WAITING = "waiting", _("On the waiting list")
        ENROLLED = "enrolled", _("Enrolled")
        REFUSED = "refused", _("Refused")
        CANCELLED = "cancelled", _("Taken back")

    UNDECIDED: ClassVar = [State.ASKED, State.WAITING]

    person = models.ForeignKey(Person, models.PROTECT, related_name="enrolment_requests")
    run = models.ForeignKey(CourseRun, models.PROTECT, related_name="requests")
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    reason = NFCTextField(_("reason"), blank=True)
    told_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = EnrolmentRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for a place")
        verbose_name_plural = _("requests for a place")
        ordering: ClassVar = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "run"],
                condition=Q(state__in=["asked", "waiting"]),
                name="one_open_request",
                violation_error_message=_("The person already asks for a place in this run."),
            ),
            models.CheckConstraint(
                condition=~Q(state="refused") | ~Q(reason=""), name="refused_request_has_a_reason"
            ),
        ]
        indexes = [
            models.Index(
                F("run"),
                F("asked_at"),
                name="requests_in_line",
                condition=Q(state="waiting"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.run}"

    @property
    def is_open(self) -> bool:
        """Not decided yet."""
        return self.state in self.UNDECIDED


class EvidenceConflict(models.Model):
    """The evidence no longer supports what rests on it: a task for a DOST officer.

    Nothing that was issued is taken back by itself; a person decides and says how. Once the
    evidence has supported it again or has taken effect (``over_at``), another loss is another
    conflict.
    """

    class Event(models.TextChoices):
        PARTICIPATED = "participated", _("Took part")
        COMPLETED = "completed", _("Completed")

    enrolment = models.ForeignKey(Enrolment, models.PROTECT, related_name="conflicts")
    event = models.CharField(_("what is in doubt"), max_length=12, choices=Event)
    found_at = models.DateTimeField(_("found at"))
    resting = models.JSONField(_("what rests on it"), default=list)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    resolution = NFCTextField(_("what was decided"), blank=True)
    over_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("conflict of evidence")
        verbose_name_plural = _("conflicts of evidence")
        ordering: ClassVar = ["-found_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "event"],
                condition=Q(resolved_at__isnull=True),
                name="one_open_conflict",
            ),
            models.CheckConstraint(
                condition=Q(over_at__isnull=True) | Q(resolved_at__isnull=False),
                name="what_is_over_is_resolved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_event_display()}: {self.enrolment}"


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
