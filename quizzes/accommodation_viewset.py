"""The staff's listing of accommodations; giving one and withdrawing it."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets.button import Button, HeaderButton

from courses import running
from courses.models import CourseRun
from jobs.forms import FormPage
from jobs.staff_views import ScopedListing, ScopedViewSet
from people.models import Person
from quizzes import accommodating, trail
from quizzes.accommodating import AccommodationRefused
from quizzes.accommodation_forms import GiveForm, QuizChoiceForm, RecipientForm
from quizzes.models import Accommodation, Quiz


def runs_managed(request: Any) -> QuerySet[CourseRun]:
    return CourseRun.objects.visible_to(request.user).exclude(state=CourseRun.State.DRAFT)


def quizzes_managed(request: Any) -> QuerySet[Quiz]:
    found = Quiz.objects.visible_to(request.user).select_related("assessment")
    return found.order_by("assessment__title", "pk")


class AccommodationFilters(WagtailFilterSet):
    quiz = django_filters.ModelChoiceFilter(label=_("Test"), queryset=quizzes_managed)
    run = django_filters.ModelChoiceFilter(
        label=_("Course run"), queryset=runs_managed, method="for_run"
    )
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[("standing", _("Standing")), ("withdrawn", _("Withdrawn"))],
        method="in_state",
        widget=forms.RadioSelect,
        empty_label=_("All"),
    )

    class Meta:
        model = Accommodation
        fields: tuple[str, ...] = ()

    def for_run(self, queryset: Any, name: str, run: CourseRun) -> Any:
        """For the run itself, and for people and agencies that learn in it."""
        learners = run.enrolments.active()
        tests = queryset.filter(quiz__assessment__in=running.offered(run))
        return tests.filter(
            Q(run=run)
            | Q(person__in=learners.values("person"))
            | Q(agency__in=learners.values("agency"))
        )

    def in_state(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(withdrawn_at__isnull=value == "standing")


def _key(request: HttpRequest, name: str) -> int:
    """The key that the address names; 0 where it names none."""
    said = request.GET.get(name, "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else 0


def recipient(accommodation: Accommodation) -> str:
    return str(accommodation.person or accommodation.agency or accommodation.run)


def state_in_words(accommodation: Accommodation) -> str:
    return gettext("Withdrawn") if accommodation.withdrawn_at else gettext("Standing")


class AccommodationListing(ScopedListing):
    def get_list_more_buttons(self, instance: Accommodation) -> list[Any]:
        if instance.withdrawn_at or not self.user_has_permission("change"):
            return []
        address = reverse("accommodations:withdraw", args=[instance.pk])
        return [Button(_("Withdraw it"), url=address, icon_name="cross", priority=30)]

    @property
    def header_buttons(self) -> list[Any]:
        if not self.user_has_permission("add"):
            return []
        address = reverse("accommodations:choose")
        asked = {name: self.request.GET.get(name, "") for name in ("quiz", "run")}
        query = urlencode({name: value for name, value in asked.items() if value})
        address = f"{address}{'?' if query else ''}{query}"
        return [HeaderButton(_("Give more time or attempts"), url=address, icon_name="plus")]


class AccommodationPage(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormPage):
    model = Accommodation
    permission_required = "add"
    page_title = _("Give more time or attempts")
    header_icon = "time"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("accommodations:index"), "label": _("Accommodations")},
            {"url": "", "label": self.page_title},
        ]


class ChooseQuiz(AccommodationPage):
    """The first step where several tests are possible; with one it is passed over."""

    template_name = "quizzes/admin/accommodation_quiz.html"
    form_class = QuizChoiceForm

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"quizzes": self._possible()}

    def _possible(self) -> QuerySet[Quiz]:
        found = quizzes_managed(self.request)
        if quiz := _key(self.request, "quiz"):
            found = found.filter(pk=quiz)
        if run := _key(self.request, "run"):
            chosen = get_object_or_404(runs_managed(self.request), pk=run)
            found = found.filter(assessment__in=running.offered(chosen))
        return found

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        possible = list(self._possible()[:2])
        if len(possible) == 1:
            return self._give(possible[0])
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        return self._give(form.cleaned_data["quiz"])

    def _give(self, quiz: Quiz) -> HttpResponse:
        run = _key(self.request, "run")
        address = reverse("accommodations:give", args=[quiz.pk])
        return redirect(f"{address}?{urlencode({'run': run})}" if run else address)


class Give(AccommodationPage):
    """``?person=`` names the person for whom it is; else the form asks for whom."""

    template_name = "quizzes/admin/accommodation_give.html"
    quiz: Quiz
    person: Person | None = None

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.quiz = get_object_or_404(quizzes_managed(request), pk=kwargs["quiz_id"])
        if "person" in request.GET:
            learners = accommodating.learners_of(self.quiz)
            known = Person.objects.filter(pk__in=learners.values("person"))
            self.person = get_object_or_404(known, pk=_key(request, "person"))

    def get_page_subtitle(self) -> str:
        return str(self.quiz)

    def get_form_class(self) -> type[GiveForm]:
        return GiveForm if self.person else RecipientForm

    def get_form_kwargs(self) -> dict[str, Any]:
        given: dict[str, Any] = super().get_form_kwargs()
        return given if self.person else given | {"quiz": self.quiz, "user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        return {"run": _key(self.request, "run") or ""}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"quiz": self.quiz, "person": self.person}

    def form_valid(self, form: Any) -> HttpResponse:
        given = form.cleaned_data
        if self.person:
            given |= {"person": self.person}
        try:
            accommodation = accommodating.give(
                quiz_id=self.quiz.pk, by=self.request.user, at=timezone.now(), **given
            )
        except AccommodationRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        number = accommodating.concerned(accommodation).count()
        words = ngettext(
            "Given. It concerns %(count)s learner now.",
            "Given. It concerns %(count)s learners now.",
            number,
        )
        messages.success(self.request, words % {"count": number})
        if accommodation.extra_minutes and (losing := accommodating.cut_short(accommodation)):
            words = ngettext(
                "The closing still ends the test of %(count)s learner who sits it now before the"
                " extra minutes are over. Give a later closing too.",
                "The closing still ends the test of %(count)s learners who sit it now before the"
                " extra minutes are over. Give a later closing too.",
                losing,
            )
            messages.warning(self.request, words % {"count": losing})
        address = reverse("accommodations:index")
        return redirect(f"{address}?{urlencode({'quiz': self.quiz.pk})}")


class Withdraw(AccommodationPage):
    permission_required = "change"
    page_title = _("Withdraw an accommodation")
    template_name = "quizzes/admin/accommodation_withdraw.html"
    form_class = forms.Form

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        seen = Accommodation.objects.visible_to(request.user).select_related(
            "quiz__assessment", "person", "agency", "run", "given_by__person"
        )
        self.accommodation = get_object_or_404(seen, pk=kwargs["pk"])

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "accommodation": self.accommodation,
            "recipient": recipient(self.accommodation),
            "given": trail.in_words(self.accommodation),
        }

    def form_valid(self, form: Any) -> HttpResponse:
        if accommodating.withdraw(
            accommodation_id=self.accommodation.pk, by=self.request.user, at=timezone.now()
        ):
            messages.success(
                self.request, _("Withdrawn. Attempts that run now keep the time they were given.")
            )
        else:
            messages.warning(self.request, _("It was withdrawn before. Nothing was changed."))
        return redirect("accommodations:index")


class AccommodationViewSet(ScopedViewSet):
    model = Accommodation
    name = "accommodations"
    icon = "time"
    menu_label = _("Accommodations")
    index_view_class = AccommodationListing
    ordering = ("-given_at", "-pk")
    list_related = ("quiz__assessment", "person", "agency", "run", "given_by__person")
    folded_fields = ("person__search_text", "agency__search_text")
    plain_fields = ("run__name",)
    filterset_class = AccommodationFilters
    list_display = (
        TitleColumn("recipient", label=_("For"), accessor=recipient),
        Column("quiz", label=_("Test"), accessor="quiz"),
        Column("given", label=_("What is given"), accessor=trail.in_words),
        "reason",
        "given_by",
        "given_at",
        Column("state", label=_("State"), accessor=state_in_words),
    )
    list_export = (
        "quiz",
        "person",
        "agency",
        "run",
        "extra_minutes",
        "extra_attempts",
        "closes_at",
        "reason",
        "given_by",
        "given_at",
        "withdrawn_at",
        "withdrawn_by",
    )
    labels = {"withdrawn_by": _("Withdrawn by")}
    export_filename = "accommodations"

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("give/", ChooseQuiz.as_view(), name="choose"),
            path("give/<int:quiz_id>/", Give.as_view(), name="give"),
            path("withdraw/<int:pk>/", Withdraw.as_view(), name="withdraw"),
        ]
