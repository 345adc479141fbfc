"""The staff's pages of the openings of a run: which test is open when, and with which code."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import include, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.widgets import AdminDateTimeInput

from courses.asking import RunLink
from courses.managed_run import ManagedRunPage
from courses.models import CourseRun
from jobs.forms import FormPage
from quizzes import filling, opening
from quizzes.models import Opening, Quiz


class OpeningForm(forms.Form):
    """What is said together the verb checks."""

    opens_at = forms.DateTimeField(
        label=gettext_lazy("Opens at"),
        required=False,
        widget=AdminDateTimeInput,
        help_text=gettext_lazy("Empty: from the day on which the run was opened."),
    )
    closes_at = forms.DateTimeField(
        label=gettext_lazy("Closes at"),
        required=False,
        widget=AdminDateTimeInput,
        help_text=gettext_lazy(
            "Empty: as long as the run goes on. Closing later gives running attempts more time "
            "where they are cut short; closing earlier takes none away from them."
        ),
    )
    class_code = forms.CharField(
        label=gettext_lazy("Class code"),
        required=False,
        max_length=20,
        help_text=gettext_lazy(
            "Said in the class; who starts the test types it. Empty: none is asked."
        ),
    )


class Openings(ManagedRunPage, TemplateView):
    """The tests of a run, each with when it is open; planned while the run is a draft."""

    page_title = gettext_lazy("Openings of tests")
    header_icon = "time"
    drafts_too = True
    template_name = "quizzes/admin/openings.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        set_ = {one.quiz_id: one for one in Opening.objects.filter(run=self.run)}
        quizzes = list(opening.quizzes_of(self.run).prefetch_related("sections"))
        lacking = filling.shortages(quizzes)
        return super().get_context_data(**kwargs) | {
            "lines": [(one, set_.get(one.pk), lacking.get(one.pk, "")) for one in quizzes],
            "closed": self.run.state == CourseRun.State.CLOSED,
            "now": timezone.now(),
        }


class SetOpening(ManagedRunPage, FormPage):
    """One test of the run; a test of another course is 404."""

    page_title = gettext_lazy("Set the opening")
    header_icon = "time"
    drafts_too = True
    template_name = "quizzes/admin/opening_form.html"
    form_class = OpeningForm
    quiz: Quiz

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.quiz = get_object_or_404(opening.quizzes_of(self.run), pk=kwargs["quiz_id"])

    def trail(self) -> list[tuple[str, str]]:
        return [(reverse("openings:index", args=[self.run.pk]), _("Openings of tests"))]

    def get_initial(self) -> dict[str, Any]:
        found = Opening.objects.filter(quiz=self.quiz, run=self.run)
        return dict(found.values("opens_at", "closes_at", "class_code").first() or {})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"quiz": self.quiz}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            done = opening.open_to_run(
                quiz_id=self.quiz.pk,
                run_id=self.run.pk,
                at=timezone.now(),
                by=self.request.user,
                **form.cleaned_data,
            )
        except opening.OpeningRefused as refused:
            form.add_error(None, str(refused))
            answer: HttpResponse = self.form_invalid(form)
            return answer
        messages.success(self.request, _said(self.quiz, done))
        return redirect("openings:index", self.run.pk)


def _said(quiz: Quiz, done: opening.Set) -> str:
    if not done.changed:
        return _("Nothing was changed.")
    said = _("The opening of “%(quiz)s” is set.") % {"quiz": quiz}
    if not done.moved:
        return said
    moved = ngettext(
        "%(count)s running attempt has more time.",
        "%(count)s running attempts have more time.",
        done.moved,
    )
    return f"{said} {moved % {'count': done.moved}}"


def addresses() -> list[Any]:
    """Wagtail's ``register_admin_urls``."""
    pages = [
        path("", Openings.as_view(), name="index"),
        path("<int:quiz_id>/", SetOpening.as_view(), name="set"),
    ]
    return [path("runs/<int:run_id>/openings/", include((pages, "openings")))]


def links(run: CourseRun, user: Any) -> list[RunLink]:
    """Hook ``run_links``."""
    if not user.has_perm("courses.change_courserun"):
        return []
    return [RunLink(_("Openings of tests"), reverse("openings:index", args=[run.pk]), "time")]
