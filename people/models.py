"""Persons are counted; users log in. Many persons have no account, some users are no person."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from agencies.models import Agency
from vietnamese.fields import NFCCharField
from vietnamese.text import fold, sort_key


class StaffCategory(models.TextChoices):
    """CBCCVC and contract workers, as the law on officials groups them."""

    CADRE = "cadre", _("Cadre")
    CIVIL_SERVANT = "civil_servant", _("Civil servant")
    PUBLIC_EMPLOYEE = "public_employee", _("Public employee")
    CONTRACT_WORKER = "contract_worker", _("Contract worker")


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, user: Any) -> PersonQuerySet:
        """Oneself; for a focal point the people of the own agencies; for DOST officers all."""
        if user.has_perm("people.view_all_people"):
            return self
        own = Q(pk=user.person_id) if user.person_id else Q(pk__in=[])
        agencies = AgencyRole.objects.filter(user=user).values("agency")
        return self.filter(
            own | Q(postings__agency__in=agencies, postings__left_on__isnull=True)
        ).distinct()

    def search(self, words: str) -> PersonQuerySet:
        """People whose name contains the words, diacritics and case set aside."""
        return self.filter(search_text__contains=fold(words))


class Person(models.Model):
    """A distinct human: who learns, is certified and is counted."""

    full_name = NFCCharField(_("full name"), max_length=120)
    date_of_birth = models.DateField(_("date of birth"), null=True, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    staff_category = models.CharField(
        _("staff category"), max_length=20, choices=StaffCategory, blank=True
    )
    sort_name = models.CharField(max_length=255, editable=False, db_index=True)
    search_text = models.CharField(max_length=120, editable=False, db_index=True)

    objects = PersonQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering: ClassVar = ["sort_name", "pk"]
        permissions: ClassVar = [("view_all_people", _("Can see the people of every agency"))]
        constraints = [
            models.CheckConstraint(
                condition=~Q(full_name=""),
                name="person_has_a_name",
                violation_error_message=_("A person needs a name."),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.sort_name = sort_key(self.full_name)
        self.search_text = fold(self.full_name)
        super().save(*args, **kwargs)

    def agency(self, *, on: date) -> Agency | None:
        """The agency in which the person served on that day; the latest posting wins."""
        posting = self.postings.select_related("agency").in_force(on=on).first()
        return posting.agency if posting else None


class User(AbstractUser):
    """An account. ``person`` is empty for administrators who are no learners."""

    person = models.OneToOneField(
        Person, models.PROTECT, null=True, blank=True, related_name="user", verbose_name=_("person")
    )

    class Meta(AbstractUser.Meta):  # type: ignore[name-defined]
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def get_full_name(self) -> str:
        """Vietnamese order: family name first."""
        return (
            self.person.full_name if self.person else f"{self.last_name} {self.first_name}".strip()
        )


class PostingQuerySet(models.QuerySet["Posting"]):
    def in_force(self, *, on: date) -> PostingQuerySet:
        return self.filter(
            Q(left_on__isnull=True) | Q(left_on__gte=on), joined_on__lte=on
        ).order_by("-joined_on", "-pk")


class Posting(models.Model):
    """A person's time in an agency."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="postings")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="postings")
    position = NFCCharField(_("position"), max_length=120, blank=True)
    joined_on = models.DateField(_("joined on"))
    left_on = models.DateField(_("left on"), null=True, blank=True)

    objects = PostingQuerySet.as_manager()

    class Meta:
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        constraints = [
            models.UniqueConstraint(
                fields=["person", "agency"],
                condition=Q(left_on__isnull=True),
                name="one_open_posting_per_agency",
                violation_error_message=_("The person already serves in this agency."),
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("joined_on")),
                name="posting_ends_after_it_begins",
                violation_error_message=_("The last day is before the first."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}, {self.agency}"


class AgencyRole(models.Model):
    """Who acts for an agency: its ISO focal point (đầu mối ISO)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="agency_roles")
    agency = models.ForeignKey(Agency, models.PROTECT, related_name="roles")

    class Meta:
        verbose_name = _("role in an agency")
        verbose_name_plural = _("roles in agencies")
        constraints = [
            models.UniqueConstraint(fields=["user", "agency"], name="agency_role_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.agency}"
