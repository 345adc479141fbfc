"""Lists of people to be enrolled: looked at first, row by row, then worked off."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agencies.models import Agency
from courses.models.enrolment import Enrolment
from courses.models.run import CourseRun
from jobs.models import Progress
from people.models import Person
from vietnamese.fields import NFCCharField


class EnrolmentListQuerySet(models.QuerySet["EnrolmentList"]):
    def visible_to(self, user: Any) -> EnrolmentListQuerySet:
        """One's own; all for DOST officers, who resolve what a focal point cannot."""
        return self if user.has_perm("courses.manage_all_runs") else self.filter(received_by=user)


class EnrolmentList(models.Model):
    """People who are to be enrolled in one run: a file, pasted lines, or who serves somewhere.

    Receiving the same content again while the list is looked at gives the list that is there.
    """

    class Source(models.TextChoices):
        FILE = "file", _("File")
        LINES = "lines", _("Pasted lines")
        SERVING = "serving", _("People who serve there")

    class State(models.TextChoices):
        OPEN = "open", _("Looked at, nothing done yet")
        GOING = "going", _("Under way")
        DONE = "done", _("Done")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")
        DISCARDED = "discarded", _("Thrown away")

    UNDO_WITHIN: ClassVar = timedelta(hours=1)

    run = models.ForeignKey(
        CourseRun, models.PROTECT, related_name="lists", verbose_name=_("course run")
    )
    source = models.CharField(_("source"), max_length=10, choices=Source)
    name = NFCCharField(_("name"), max_length=200)
    digest = models.CharField(max_length=64, editable=False)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.OPEN)
    invites = models.BooleanField(
        _("only invite"),
        default=False,
        help_text=_("For a run that is open to those invited: they enrol by themselves."),
    )
    received_at = models.DateTimeField(_("received at"))
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("received by")
    )
    # Whose people the list may bring: empty for everyone's.
    agencies: models.ManyToManyField[Agency, Any] = models.ManyToManyField(
        Agency, blank=True, related_name="+", verbose_name=_("agencies")
    )
    work = models.ForeignKey(Progress, models.PROTECT, null=True, related_name="+")
    undoing = models.ForeignKey(Progress, models.PROTECT, null=True, related_name="+")
    finished_at = models.DateTimeField(_("finished at"), null=True)

    objects = EnrolmentListQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment list")
        verbose_name_plural = _("enrolment lists")
        ordering: ClassVar = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "received_by", "digest", "invites"],
                condition=Q(state="open"),
                name="list_looked_at_once",
                violation_error_message=_("This list is already there."),
            ),
            models.CheckConstraint(
                condition=Q(state__in=["open", "discarded"], work__isnull=True)
                | (~Q(state__in=["open", "discarded"]) & Q(work__isnull=False)),
                name="list_under_way_has_progress",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_going(self) -> bool:
        """Whether workers are at it; reads the progress."""
        work = self.undoing or self.work
        return (
            self.state in (self.State.GOING, self.State.UNDOING)
            and work is not None
            and work.is_going
        )

    def can_be_undone(self, *, at: datetime) -> bool:
        """Within the hour after it was done."""
        return bool(
            self.state == self.State.DONE
            and self.finished_at
            and at <= self.finished_at + self.UNDO_WITHIN
        )


class EnrolmentListRow(models.Model):
    """One line of a list: what was read, whom it means, what became of it.

    ``agency_key`` is the folded text by which rows of the same agency are found together.
    ``candidates`` are persons whom it may mean.
    """

    class State(models.TextChoices):
        READY = "ready", _("Known")
        NEW = "new", _("New person")
        UNKNOWN = "unknown", _("Unknown person")
        AMBIGUOUS = "ambiguous", _("Several people possible")
        NO_AGENCY = "no_agency", _("Agency not recognised")
        SITTING = "sitting", _("Enrolled already")
        DUPLICATE = "duplicate", _("Twice in the list")
        FOREIGN = "foreign", _("Of another agency")
        UNREADABLE = "unreadable", _("Not readable")
        SKIPPED = "skipped", _("Left out")

    class Outcome(models.TextChoices):
        NONE = "", _("Nothing yet")
        ENROLLED = "enrolled", _("Enrolled")
        SITTING = "sitting", _("Was enrolled already")
        WAITING = "waiting", _("On the waiting list")
        INVITED = "invited", _("Invited")
        REFUSED = "refused", _("Refused")
        UNDONE = "undone", _("Undone")
        KEPT = "kept", _("Stays: something rests on it")

    # A person has to say what becomes of these; of the others, only READY and NEW are enrolled.
    UNRESOLVED: ClassVar = [State.UNKNOWN, State.AMBIGUOUS, State.NO_AGENCY]
    WANTED: ClassVar = [State.READY, State.NEW]

    enrolment_list = models.ForeignKey(EnrolmentList, models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(_("row"))
    full_name = NFCCharField(_("full name"), max_length=120, blank=True)
    name_key = models.CharField(max_length=120, editable=False, blank=True)
    date_of_birth = models.DateField(_("date of birth"), null=True, blank=True)
    agency_text = NFCCharField(_("agency as written"), max_length=200, blank=True)
    agency_key = models.CharField(max_length=200, editable=False, blank=True)
    agency = models.ForeignKey(
        Agency, models.PROTECT, null=True, related_name="+", verbose_name=_("agency")
    )
    position = NFCCharField(_("position"), max_length=120, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State)
    note = models.CharField(_("note"), max_length=300, blank=True)
    candidates = models.JSONField(default=list)
    person = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    # Somebody has said what becomes of the row: matching leaves it alone.
    decided = models.BooleanField(_("decided"), default=False)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True)
    created_person = models.BooleanField(_("person created"), default=False)
    enrolment = models.ForeignKey(Enrolment, models.SET_NULL, null=True, related_name="+")

    class Meta:
        verbose_name = _("row of an enrolment list")
        verbose_name_plural = _("rows of enrolment lists")
        ordering: ClassVar = ["enrolment_list", "number"]
        constraints = [
            models.UniqueConstraint(fields=["enrolment_list", "number"], name="row_once_in_list"),
            models.CheckConstraint(
                condition=~Q(state="ready") | Q(person__isnull=False), name="known_row_has_a_person"
            ),
            models.CheckConstraint(
                condition=~Q(state="new") | Q(agency__isnull=False), name="new_row_has_an_agency"
            ),
        ]
        indexes = [
            models.Index(
                F("enrolment_list"), F("state"), F("outcome"), F("number"), name="rows_by_state"
            )
        ]

    def __str__(self) -> str:
        return f"{self.number}. {self.full_name}"
