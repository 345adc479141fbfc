"""Steps, amendments and copies of a run: asked once more, then done by POST or refused."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.log_actions import log

from courses import amending, copying, relisting, running
from courses.managed_run import ManagedRunPage
from courses.models import CourseRun, EnrolmentRequest, LessonPage
from courses.run_forms import AmendForm, CopyForm, LessonForm
from courses.running import RunRefused
from jobs.forms import FormPage

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

State = CourseRun.State


class RunPage(ManagedRunPage):
    """Where something is done with a run as a whole."""

    drafts_too = True
    # Outside of these states there is nothing to do, and the page leads back to the run.
    possible_in: frozenset[CourseRun.State]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.run.state not in self.possible_in:
            return self.back()
        answer: HttpResponse = super().get(request, *args, **kwargs)
        return answer

    def back(self) -> HttpResponse:
        return redirect("runs:inspect", self.run.pk)


class RunStep(RunPage, TemplateView):
    """A step to another state."""

    template_name = "courses/admin/run_step.html"
    take: Callable[..., CourseRun]
    success_message: "StrOrPromise"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            run = self.take(run_id=self.run.pk, at=timezone.now())
        except RunRefused as refused:
            context = self.get_context_data(reasons=refused.reasons)
            return self.render_to_response(context, status=409)
        if run.state != self.run.state:
            log(instance=run, action="wagtail.edit", user=request.user)
            messages.success(request, self.success_message % {"run": run})
        return self.back()


class OpenRun(RunStep):
    page_title = _("Open for enrolment")
    success_message = _("“%(run)s” is open: people can enrol.")
    take = staticmethod(running.open_run)
    possible_in = frozenset({State.DRAFT})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reasons = running.reasons_against_opening(self.run)
        refused = "" if "reasons" in kwargs else _("It cannot be opened as it is:")
        context: dict[str, Any] = super().get_context_data(**{"reasons": reasons} | kwargs)
        return context | {
            "refused": refused,
            "opening": True,
            "lessons": running.published_lessons(self.run.course),
            "warnings": running.warnings_before_opening(self.run, at=timezone.now()),
        }


class StartRun(RunStep):
    page_title = _("Say that it has begun")
    success_message = _("“%(run)s” has begun.")
    take = staticmethod(running.start_run)
    possible_in = frozenset({State.OPEN})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"starting": True}


class CloseRun(RunStep):
    page_title = _("Close the run")
    success_message = _("“%(run)s” is closed.")
    take = staticmethod(running.close_run)
    possible_in = frozenset(CourseRun.GOING_ON)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        going = self.run.enrolments.active().filter(completed_at__isnull=True).count()
        asking = self.run.requests.filter(state__in=EnrolmentRequest.UNDECIDED).count()
        return context | {"going": going, "asking": asking}


class RunForms(RunPage, FormPage, ABC):
    """A page with a form whose verb may refuse: then the reasons stand above what was typed."""

    template_name = "courses/admin/run_form.html"
    hint: "StrOrPromise" = ""
    button: "StrOrPromise"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"hint": self.hint, "button": self.button}

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.run.state not in self.possible_in:
            return self.back()
        answer: HttpResponse = super().post(request, *args, **kwargs)
        return answer

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return self.do(form)
        except RunRefused as refused:
            context = self.get_context_data(form=form, reasons=refused.reasons)
            return self.render_to_response(context, status=409)

    @abstractmethod
    def do(self, form: Any) -> HttpResponse:
        """Call the verb; RunRefused is shown above the form."""

    def done(self, message: Any, run: CourseRun) -> HttpResponse:
        log(instance=run, action="wagtail.edit", user=self.request.user)
        messages.success(self.request, message % {"run": run})
        return redirect("runs:inspect", run.pk)


class AmendRun(RunForms):
    page_title = _("Amend")
    form_class = AmendForm
    possible_in = frozenset(CourseRun.GOING_ON)
    hint = _("What is changed stands on the run's page, with its reason, where learners see it.")
    button = _("Amend")

    def get_form_kwargs(self) -> dict[str, Any]:
        more = {"instance": self.run, "for_user": self.request.user}
        return super().get_form_kwargs() | more

    def do(self, form: Any) -> HttpResponse:
        changes = form.changes
        if not changes:
            messages.warning(self.request, _("Nothing was changed."))
            return self.back()
        run = amending.amend_run(
            run_id=self.run.pk,
            changes=changes,
            by=self.request.user,
            reason=form.cleaned_data["reason"],
            seen=form.cleaned_data["seen"],
            at=timezone.now(),
        )
        return self.done(_("“%(run)s” was amended."), run)


class ChangeLessons(RunForms):
    page_title = _("Change the lessons")
    form_class = LessonForm
    possible_in = frozenset(CourseRun.GOING_ON)
    hint = _(
        "Lessons published since can be taken in, and those that nobody has begun taken out. "
        "What each learner has reached is then counted again."
    )
    button = _("Change the lessons")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"run": self.run}

    def do(self, form: Any) -> HttpResponse:
        direction, _hyphen, page_id = form.cleaned_data["lesson"].partition("-")
        change: Callable[..., Any] = relisting.take_in if direction == "in" else relisting.drop
        try:
            change(
                run_id=self.run.pk,
                page_id=int(page_id),
                by=self.request.user,
                reason=form.cleaned_data["reason"],
                seen=form.cleaned_data["seen"],
                at=timezone.now(),
            )
        except LessonPage.DoesNotExist as gone:
            raise RunRefused(str(_("The lesson is no longer published."))) from gone
        return self.done(_("The lessons of “%(run)s” were changed."), self.run)


class CopyRun(RunForms):
    page_title = _("Hold it once more")
    form_class = CopyForm
    possible_in = frozenset(State)
    hint = _(
        "A draft is made with the same trainers, audience and class meetings, as many days later. "
        "Rules and lessons are taken from the course when it is opened."
    )
    button = _("Make the draft")

    def get_initial(self) -> dict[str, Any]:
        return CopyForm.suggesting(self.run)

    def do(self, form: Any) -> HttpResponse:
        copy = copying.copy_run(run_id=self.run.pk, at=timezone.now(), **form.cleaned_data)
        return self.done(_("“%(run)s” stands as a draft."), copy)
