from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from quizzes.models.bank import QuestionBank


class QuestionImportQuerySet(models.QuerySet["QuestionImport"]):
    def visible_to(self, user: Any) -> "QuestionImportQuerySet":
        return self.filter(bank__in=QuestionBank.objects.visible_to(user))


class QuestionImport(models.Model):
    """A file of questions on its way into a bank: first shown, then taken over by a person."""

    bank = models.ForeignKey(QuestionBank, models.CASCADE, related_name="imports")
    file_name = models.CharField(_("file"), max_length=200)
    text = models.TextField(_("content"))
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded at"))
    applied_at = models.DateTimeField(_("taken over at"), null=True)
    added = models.PositiveIntegerField(_("questions added"), default=0)
    renewed = models.PositiveIntegerField(_("questions with a new version"), default=0)

    objects = QuestionImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("import of questions")
        verbose_name_plural = _("imports of questions")
        ordering: ClassVar = ["-uploaded_at"]

    def __str__(self) -> str:
        return self.file_name
