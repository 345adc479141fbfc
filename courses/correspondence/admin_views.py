"""The staff's side: messages to a run, and who is to get them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import include, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView
from wagtail.admin import messages

from courses.asking import RunLink
from courses.correspondence import writing
from courses.correspondence.forms import MessageForm
from courses.managed_run import ManagedRunPage
from courses.models import CourseRun
from jobs.forms import FormPage
from jobs.models import Progress


class Messages(ManagedRunPage, TemplateView):
    """What was written to the run, and how far each message is."""

    page_title = gettext_lazy("Messages to the run")
    header_icon = "mail"
    template_name = "courses/correspondence/admin/messages.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        written = list(self.run.messages.select_related("progress", "sent_by__person"))
        going = any(message.progress.state == Progress.State.GOING for message in written)
        return super().get_context_data(**kwargs) | {"written": written, "going": going}

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().render_to_response(context, **kwargs)
        if context["going"]:
            response.headers["Refresh"] = "5"
        return response


class Write(ManagedRunPage, FormPage):
    """Write to every active learner of the run at once."""

    page_title = gettext_lazy("Write to the run")
    header_icon = "mail"
    template_name = "courses/correspondence/admin/write.html"
    form_class = MessageForm

    def trail(self) -> list[tuple[str, str]]:
        return [(reverse("run_messages:index", args=[self.run.pk]), _("Messages to the run"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        learners = self.run.enrolments.active()
        return super().get_context_data(**kwargs) | {"learners": learners.count()}

    def form_valid(self, form: MessageForm) -> HttpResponse:
        try:
            writing.write_to_run(
                run_id=self.run.pk, by=self.request.user, at=timezone.now(), **form.cleaned_data
            )
        except writing.MessageRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        messages.success(self.request, _("The message is shown to the run; the mails follow."))
        return redirect("run_messages:index", self.run.pk)


def addresses() -> list[Any]:
    """Wagtail's ``register_admin_urls``."""
    pages = [
        path("", Messages.as_view(), name="index"),
        path("write/", Write.as_view(), name="write"),
    ]
    return [path("runs/<int:run_id>/messages/", include((pages, "run_messages")))]


def links(run: CourseRun, user: Any) -> list[RunLink]:
    """The hook ``run_links``."""
    if run.state == CourseRun.State.DRAFT or not user.has_perm("courses.change_courserun"):
        return []
    asked = f"{reverse('run_questions:index')}?run={run.pk}"
    return [
        RunLink(_("Messages"), reverse("run_messages:index", args=[run.pk]), "mail"),
        RunLink(_("Questions"), asked, "help"),
    ]
