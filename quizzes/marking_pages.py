"""The staff's pages of one long answer. Nothing on them, nor in their addresses, tells whose."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from quizzes import marking, marking_queue
from quizzes.kinds import essay
from quizzes.marking_forms import RubricForm
from quizzes.models import Answer, MarkingTask, Quiz


class TakeNext(PermissionCheckedMixin, View):
    """POST takes the next answer of a test and goes there."""

    model = MarkingTask
    permission_required = "change"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        mine = Quiz.objects.visible_to(request.user)
        return _to_next(request, get_object_or_404(mine, pk=kwargs["quiz_id"]))


def _to_next(request: HttpRequest, quiz: Quiz) -> HttpResponse:
    task = marking_queue.claim(user=request.user, quiz=quiz, at=timezone.now())
    if task is None:
        messages.info(request, _("Nothing waits in this test that you can mark."))
        return redirect("long_answers:index")
    return redirect("long_answers:mark", task.pk)


class MarkPage(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """One answer with its rubric: to be marked by who has taken it, to be read afterwards."""

    model = MarkingTask
    permission_required = "change"
    template_name = "quizzes/admin/mark_answer.html"
    header_icon = "edit"
    task: MarkingTask

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        seen = MarkingTask.objects.visible_to(request.user)
        related = seen.select_related("attempt__quiz__assessment")
        self.task = get_object_or_404(related, pk=kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self._is_theirs():
            return self._leave()
        return self._show(RubricForm(criteria=self.criteria()))

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        task = self.task
        if not self._is_theirs():
            return self._leave()
        if "put_back" in request.POST:
            marking_queue.put_back(task_id=task.pk, user=request.user)
            messages.success(request, _("The answer waits for another marker."))
            return redirect("long_answers:index")
        form = RubricForm(request.POST, criteria=self.criteria())
        if not form.is_valid():
            return self._show(form, status=422)
        try:
            marking_queue.mark(
                task_id=task.pk,
                marker=request.user,
                points=form.points(),
                comment=form.cleaned_data["comment"],
                at=timezone.now(),
            )
        except marking_queue.MarkingRefused as refused:
            form.say_wrong(refused.wrong)
            return self._show(form, refused=str(refused), status=409)
        messages.success(request, _("Answer %(number)s is marked.") % {"number": str(task)})
        return _to_next(request, task.attempt.quiz)

    def _is_theirs(self) -> bool:
        return self.task.marker_id == self.request.user.pk

    def _leave(self) -> HttpResponse:
        messages.error(self.request, _("Nobody has taken this answer, or somebody else has."))
        return redirect("long_answers:index")

    def criteria(self) -> list[essay.Criterion]:
        return essay.criteria(marking_queue.version_of(self.task).body)

    def get_page_title(self) -> str:
        return _("Answer %(number)s") % {"number": str(self.task)}

    def get_page_subtitle(self) -> str:
        return str(self.task.attempt.quiz)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("long_answers:index"), "label": _("Long answers")},
            {"url": "", "label": self.get_page_title()},
        ]

    def _show(self, form: RubricForm, *, status: int = 200, **more: Any) -> HttpResponse:
        task = self.task
        answer = Answer.objects.filter(attempt=task.attempt_id, slot=task.slot).first()
        context = self.get_context_data(
            task=task,
            question=marking_queue.version_of(task),
            answer=answer.response if answer else "",
            form=None if task.marked_at else form,
            looks=self._looks(),
            media=form.media,
            **more,
        )
        return self.render_to_response(context, status=status)

    def _looks(self) -> list[dict[str, Any]]:
        """What was given so far that this marker may see: the own look, or both to reconcile."""
        task = self.task
        looks = MarkingTask.objects.filter(
            attempt=task.attempt_id, slot=task.slot, marked_at__isnull=False
        )
        if task.round != MarkingTask.Round.RECONCILED:
            looks = looks.filter(pk=task.pk)
        return [
            {
                "round": look.get_round_display(),
                "lines": [
                    {"criterion": one, "given": marking.points_of(look).get(one.id)}
                    for one in self.criteria()
                ],
                "comment": look.comment,
            }
            for look in looks.order_by("round")
        ]
