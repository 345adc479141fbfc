"""Staff pages about one version of a question: for those who may see its bank; else 404."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from quizzes.models import Question, QuestionVersion


class VersionPage(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """A page about the version that ``version_id`` in its address names."""

    model = Question
    permission_required = "change"
    header_icon = "help"
    version: QuestionVersion

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        questions = Question.objects.visible_to(request.user)
        versions = QuestionVersion.objects.filter(question__in=questions)
        self.version = get_object_or_404(
            versions.select_related("question__bank"), pk=kwargs["version_id"]
        )

    @property
    def question_url(self) -> str:
        address = reverse("questions:inspect", args=[self.version.question_id])
        return f"{address}?version={self.version.number}"

    def get_page_subtitle(self) -> str:
        return str(self.version)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("questions:index"), "label": _("Questions")},
            {"url": self.question_url, "label": str(self.version.question)},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"version": self.version, "question_url": self.question_url}
