"""The question bank: categories, questions and their immutable versions."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from quizzes import kinds
from vietnamese.fields import NFCCharField, NFCTextField


class Difficulty(models.TextChoices):
    """How deep a question goes; the value is the tag that questions carry."""

    RECOGNITION = "nhan-biet", _("recognition")
    COMPREHENSION = "thong-hieu", _("comprehension")
    APPLICATION = "van-dung", _("application")
    HIGHER_APPLICATION = "van-dung-cao", _("higher application")


class QuestionBankQuerySet(models.QuerySet["QuestionBank"]):
    def visible_to(self, user: Any) -> QuestionBankQuerySet:
        """The banks one is a member of; every bank for DOST officers."""
        if user.has_perm("quizzes.manage_all_banks"):
            return self
        return self.filter(members__user=user)


class QuestionBank(models.Model):
    """A collection of questions (ngân hàng câu hỏi).

    ``revision`` counts up with every change of what can be drawn from it.
    """

    name = NFCCharField(_("name"), max_length=200, unique=True)
    revision = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = QuestionBankQuerySet.as_manager()

    class Meta:
        verbose_name = _("question bank")
        verbose_name_plural = _("question banks")
        ordering: ClassVar = ["name"]
        permissions: ClassVar = [("manage_all_banks", _("Can manage every question bank"))]

    def __str__(self) -> str:
        return self.name


class BankMember(models.Model):
    """Who may read and change a bank."""

    bank = models.ForeignKey(QuestionBank, models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="banks")

    class Meta:
        verbose_name = _("member of a bank")
        verbose_name_plural = _("members of a bank")
        constraints = [
            models.UniqueConstraint(fields=["bank", "user"], name="bank_member_once"),
        ]

    def __str__(self) -> str:
        return str(self.user)


class Category(models.Model):
    """A heading in a bank; ``path`` joins the levels with a slash."""

    bank = models.ForeignKey(QuestionBank, models.PROTECT, related_name="categories")
    path = NFCCharField(_("path"), max_length=400)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering: ClassVar = ["bank", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["bank", "path"], name="category_once"),
        ]

    def __str__(self) -> str:
        return self.path


class QuestionQuerySet(models.QuerySet["Question"]):
    def in_use(self) -> QuestionQuerySet:
        return self.filter(retired_at__isnull=True)

    def visible_to(self, user: Any) -> QuestionQuerySet:
        return self.filter(category__bank__in=QuestionBank.objects.visible_to(user))


class Question(models.Model):
    """A question through all its versions."""

    category = models.ForeignKey(
        Category, models.PROTECT, related_name="questions", verbose_name=_("category")
    )
    bank = models.ForeignKey(
        QuestionBank, models.PROTECT, related_name="questions", verbose_name=_("bank")
    )
    identifier = NFCCharField(_("identifier"), max_length=60, blank=True)
    name = NFCCharField(_("name"), max_length=200)
    current = models.ForeignKey(
        "QuestionVersion",
        models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
        verbose_name=_("current version"),
    )
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True)

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering: ClassVar = ["category", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["bank", "identifier"],
                condition=~Q(identifier=""),
                name="question_identifier_once",
                violation_error_message=_("The bank already has a question with this identifier."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class QuestionVersion(models.Model):
    """The wording, key and weights of a question. A change is a new version, never an edit."""

    append_only = True

    question = models.ForeignKey(Question, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField(_("version"))
    kind = models.CharField(_("kind"), max_length=20, choices=kinds.CHOICES)
    text = NFCTextField(_("text"))
    body = models.JSONField(_("choices and key"))
    feedback = NFCTextField(_("feedback"), blank=True)
    tags = models.JSONField(_("tags"), default=list)
    created_at = models.DateTimeField(_("created at"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        verbose_name = _("version of a question")
        verbose_name_plural = _("versions of a question")
        constraints = [
            models.UniqueConstraint(fields=["question", "number"], name="version_once"),
        ]

    def __str__(self) -> str:
        return f"{self.question} v{self.number}"


class KeyCorrection(models.Model):
    """A mistake in the key of a version, put right; the latest counts when answers are graded.

    ``body`` takes the place of the version's; None voids the question: everybody gets its marks.
    """

    append_only = True

    version = models.ForeignKey(QuestionVersion, models.PROTECT, related_name="corrections")
    body = models.JSONField(_("choices and key"), null=True)
    reason = NFCTextField(_("reason"))
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("time"))

    class Meta:
        verbose_name = _("correction of a key")
        verbose_name_plural = _("corrections of keys")
        ordering: ClassVar = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="correction_has_a_reason"),
        ]

    def __str__(self) -> str:
        return str(self.version)

    @property
    def voids(self) -> bool:
        return self.body is None
