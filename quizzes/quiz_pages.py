"""Pages about one quiz: publishing it, withdrawing it, trying it out."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.contrib import messages as site_messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from quizzes import (
    contradictions,
    drawing,
    markup,
    papers,
    previewing,
    publishing,
    quiz_showing,
    seeing,
)
from quizzes.models import Quiz

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class OneQuiz(PermissionCheckedMixin):
    """A quiz of one's own courses; any other is 404."""

    model = Quiz
    permission_required = "change"
    quiz: Quiz

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        mine = Quiz.objects.visible_to(request.user)
        self.quiz = get_object_or_404(
            mine.select_related("assessment__lesson", "bank"), pk=kwargs["pk"]
        )


class QuizStep(OneQuiz, WagtailAdminTemplateMixin, TemplateView):
    """A step to another state: asked once more, then done by POST or refused."""

    header_icon = "form"
    template_name = "quizzes/admin/quiz_step.html"
    take: Callable[..., Quiz]
    success_message: "StrOrPromise"

    def get_page_subtitle(self) -> str:
        return str(self.quiz)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("tests:index"), "label": Quiz._meta.verbose_name_plural},
            {"url": reverse("tests:inspect", args=[self.quiz.pk]), "label": str(self.quiz)},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"quiz": self.quiz}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self.take(quiz_id=self.quiz.pk, at=timezone.now(), by=request.user)
        except publishing.QuizRefused as refused:
            context = self.get_context_data(reasons=refused.reasons, refused="")
            return self.render_to_response(context, status=409)
        messages.success(request, self.success_message % {"quiz": self.quiz})
        return redirect("tests:inspect", self.quiz.pk)


class Publish(QuizStep):
    page_title = _("Publish")
    success_message = _("“%(quiz)s” is published.")
    take = staticmethod(publishing.publish)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        more = {
            "reasons": publishing.reasons_against(self.quiz),
            "refused": _("It cannot be published as it is:"),
        }
        context: dict[str, Any] = super().get_context_data(**more | kwargs)
        return context | {
            "publishing": True,
            "doubts": contradictions.doubts(self.quiz),
            "sections": quiz_showing.sections(self.quiz),
        }


class Withdraw(QuizStep):
    page_title = _("Withdraw the test")
    success_message = _("“%(quiz)s” is withdrawn.")
    take = staticmethod(publishing.withdraw)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        running = self.quiz.attempts.open().count()
        return context | {"running": running}


@method_decorator(never_cache, name="dispatch")
class Preview(OneQuiz, View):
    """A paper by GET, its grade by POST, both in the learner's own look."""

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if not previewing.may_preview(self.quiz, request.user):
            raise Http404

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            paper = previewing.draw(self.quiz)
        except drawing.BankTooSmall:
            return self._show(reasons=publishing.reasons_against(self.quiz))
        return self._show(paper=paper, questions=markup.questions(papers.laid_out(paper, {})))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            paper = previewing.unsealed(self.quiz, request.POST.get("paper", ""))
        except previewing.PreviewOver as over:
            site_messages.warning(request, str(over))
            return redirect("tests:preview", self.quiz.pk)
        judged = previewing.judge(quiz=self.quiz, paper=paper, data=request.POST)
        if judged.grade is None:
            questions = markup.questions(judged.slots)
            return self._show(paper=paper, questions=questions, refused=judged.refused, status=400)
        seen = seeing.Seen(result=True, marks=True, answers=True, feedback=True)
        return self._show(
            grade=judged.grade,
            reviewed=judged.reviewed,
            parts=markup.review(judged.reviewed or [], seen),
            percent=int(judged.grade.score * 100 / judged.grade.max_score)
            if judged.grade.score is not None
            else None,
        )

    def _show(self, *, paper: Any = None, status: int = 200, **context: Any) -> HttpResponse:
        if paper is not None:
            context["sealed"] = previewing.sealed(self.quiz, paper)
        context["quiz"] = self.quiz
        return render(self.request, "quizzes/preview.html", context, status=status)
