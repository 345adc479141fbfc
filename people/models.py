"""Persons are counted; users log in. Many persons have no account, some users are no person."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from importlib import import_module
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models, transaction
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
    language = models.CharField(
        _("language of mails"),
        max_length=10,
        choices=settings.LANGUAGES,
        default=settings.LANGUAGE_CODE,
        db_default="vi",
    )
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

    # The stubs of AbstractUser have no Meta.
    class Meta(AbstractUser.Meta):  # type: ignore[name-defined]
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @classmethod
    def from_db(cls, *args: Any, **kwargs: Any) -> User:
        account: User = super().from_db(*args, **kwargs)
        account._trusted_as = account._trust()
        return account

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Who is deactivated, or gets another password or person, is logged out everywhere."""
        super().save(*args, **kwargs)
        trust = self._trust()
        if self._trusted_as is not None and self._trusted_as != trust:
            self._trusted_as = trust
            AccountSession.end_all(account_id=self.pk)

    _trusted_as: tuple[Any, ...] | None = None

    def _trust(self) -> tuple[Any, ...] | None:
        """What a session rests on; None while some of it is not loaded."""
        names = ("password", "is_active", "person_id")
        if any(name in self.get_deferred_fields() for name in names):
            return None
        return tuple(getattr(self, name) for name in names)

    def get_full_name(self) -> str:
        """Vietnamese order: family name first."""
        return (
            self.person.full_name if self.person else f"{self.last_name} {self.first_name}".strip()
        )


class AccountSession(AbstractBaseSession):
    """A session and whose it is; None while nobody has logged in."""

    account = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions"
    )

    # The stubs of AbstractBaseSession have no Meta.
    class Meta(AbstractBaseSession.Meta):  # type: ignore[name-defined]
        db_table = "people_session"

    @classmethod
    def get_session_store_class(cls) -> Any:
        return import_module(settings.SESSION_ENGINE).SessionStore

    @classmethod
    def end_all(cls, *, account_id: int) -> None:
        """Log an account out everywhere, after the commit of what asks for it."""
        # Where the account is deleted, the rows go with it before the copies in the cache.
        transaction.on_commit(partial(cls._end, account_id, cls._keys(account_id)))

    @classmethod
    def _end(cls, account_id: int, known: set[str]) -> None:
        store = cls.get_session_store_class()
        for key in known | cls._keys(account_id):
            store(key).delete()

    @classmethod
    def _keys(cls, account_id: int) -> set[str]:
        return set(cls.objects.filter(account=account_id).values_list("session_key", flat=True))


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


class PersonalTokenQuerySet(models.QuerySet["PersonalToken"]):
    def alive(self, *, at: datetime) -> PersonalTokenQuerySet:
        """Those that open something: neither expired nor revoked, of an active account."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=at, user__is_active=True)


class PersonalToken(models.Model):
    """By which a programme acts for a person in the API of tests. Only its digest is kept.

    Not Wagtail's ``APIToken``: that one never expires, and would open Wagtail's own API too.
    ``last_used_at`` is exact to the hour.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.CASCADE,
        related_name="personal_tokens",
        verbose_name=_("account"),
    )
    name = NFCCharField(_("name"), max_length=60)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    made_at = models.DateTimeField(_("made at"))
    expires_at = models.DateTimeField(_("valid until"))
    last_used_at = models.DateTimeField(_("last used at"), null=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True)

    objects = PersonalTokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("access token")
        verbose_name_plural = _("access tokens")
        ordering: ClassVar = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="token_lives_for_a_while"
            ),
        ]

    def __str__(self) -> str:
        return self.name
