"""The staff's listing of attempts, an attempt with its trail, and restoring time."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import django_filters
from django import forms
from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from wagtail.admin import messages
from wagtail.admin.filters import WagtailFilterSet
from wagtail.admin.ui.tables import Column, TitleColumn
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets.button import HeaderButton

from courses.asking import RunLink
from courses.models import CourseRun
from jobs.forms import FormPage
from jobs.staff_views import ScopedInspecting, ScopedListing, ScopedViewSet
from quizzes import inspecting, restoring
from quizzes.models import Answer, Attempt, Quiz


def runs_seen(request: Any) -> QuerySet[CourseRun]:
    seen = Attempt.objects.visible_to(request.user)
    return CourseRun.objects.filter(pk__in=seen.values("enrolment__run"))


def quizzes_seen(request: Any) -> QuerySet[Quiz]:
    seen = Attempt.objects.visible_to(request.user)
    found = Quiz.objects.filter(pk__in=seen.values("quiz"))
    return found.select_related("assessment").order_by("assessment__title", "pk")


class AttemptFilters(WagtailFilterSet):
    run = django_filters.ModelChoiceFilter(
        label=_("Course run"), field_name="enrolment__run", queryset=runs_seen
    )
    quiz = django_filters.ModelChoiceFilter(label=_("Test"), queryset=quizzes_seen)
    state = django_filters.ChoiceFilter(
        label=_("State"),
        choices=[
            ("running", _("Running")),
            ("submitted", _("Handed in")),
            ("waiting", _("Waits for marking")),
            ("late", _("Late answers that do not count")),
            ("passed", _("Passed")),
            ("failed", _("Not passed")),
        ],
        method="in_state",
        widget=forms.RadioSelect,
        empty_label=_("All"),
    )

    class Meta:
        model = Attempt
        fields: tuple[str, ...] = ()

    def in_state(self, queryset: Any, name: str, value: str) -> Any:
        if value == "running":
            return queryset.filter(submitted_at__isnull=True)
        if value == "submitted":
            return queryset.filter(submitted_at__isnull=False)
        if value == "waiting":
            return queryset.filter(submitted_at__isnull=False, score__isnull=True)
        if value == "late":
            late = restoring.uncounted().filter(attempt=OuterRef("pk"))
            return queryset.filter(Exists(late))
        return queryset.filter(passed=value == "passed")


def _count(rows: Any) -> Coalesce:
    """How many rows, as a subquery: read for the rows of one page only."""
    counted = rows.filter(attempt=OuterRef("pk")).order_by().values("attempt")
    number = counted.annotate(number=Count("slot")).values("number")
    return Coalesce(Subquery(number, output_field=IntegerField()), 0)


def mark_in_words(attempt: Attempt) -> str:
    if attempt.score is None:
        return "–"
    return f"{attempt.score.normalize():f}/{attempt.max_score.normalize():f}".replace(".", ",")


class AttemptListing(ScopedListing):
    title_sort_key = "enrolment__person__sort_name"

    def get_base_queryset(self) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_base_queryset()
        counted: QuerySet[Any] = found.defer("paper", "marks").annotate(
            answered=_count(Answer.objects.filter(response__isnull=False)),
            late=_count(restoring.uncounted()),
        )
        return counted

    def get_list_more_buttons(self, instance: Attempt) -> list[Any]:
        return []

    @property
    def header_buttons(self) -> list[Any]:
        if not self.request.user.has_perm("quizzes.view_accommodation"):
            return []
        asked = {name: self.request.GET.get(name, "") for name in ("run", "quiz")}
        query = urlencode({name: value for name, value in asked.items() if value})
        return [
            HeaderButton(
                _("Accommodations"),
                url=f"{reverse('accommodations:index')}{'?' if query else ''}{query}",
                icon_name="time",
            )
        ]


class AttemptInspecting(ScopedInspecting):
    def get_object(self, queryset: Any = None) -> Any:
        assert self.rows
        related = self.rows(self.request.user).select_related(
            "enrolment__person", "enrolment__agency", "enrolment__run", "quiz__assessment"
        )
        return get_object_or_404(related, pk=self.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | inspecting.view(self.object, user=self.request.user)

    @property
    def header_buttons(self) -> list[Any]:
        found, user = self.object, self.request.user
        buttons = []
        if user.has_perm("quizzes.change_attempt") and inspecting.is_restorable(found):
            address = reverse("attempts:restore", args=[found.pk])
            buttons.append(HeaderButton(_("Restore time"), url=address, icon_name="resubmit"))
        own = Quiz.objects.visible_to(user).filter(pk=found.quiz_id)
        if user.has_perm("quizzes.add_accommodation") and own.exists():
            address = reverse("accommodations:give", args=[found.quiz_id])
            buttons.append(
                HeaderButton(
                    _("Give more time or attempts"),
                    url=f"{address}?person={found.enrolment.person_id}",
                    icon_name="time",
                )
            )
        return buttons


class RestoreForm(forms.Form):
    """Why, and up to which of the ``times`` at which late answers came; by default the first."""

    received_until = forms.ChoiceField(
        label=_("Count what was received until"),
        required=False,
        widget=forms.RadioSelect,
        help_text=_("What came later may have been given after the right answers were shown."),
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, times: Sequence[datetime], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.times = times
        offered = [
            (one.isoformat(), date_format(timezone.localtime(one), "H:i:s d/m/Y")) for one in times
        ]
        field = self.fields["received_until"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = offered
        self.initial["received_until"] = next((value for value, _label in offered), "")

    def clean_received_until(self) -> datetime | None:
        chosen = self.cleaned_data["received_until"]
        return datetime.fromisoformat(chosen) if chosen else next(iter(self.times), None)


class Restore(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormPage):
    """Have the late answers of an attempt count, after a look at what would."""

    model = Attempt
    permission_required = "change"
    page_title = _("Restore time")
    header_icon = "resubmit"
    template_name = "quizzes/admin/attempt_restore.html"
    form_class = RestoreForm

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        seen = Attempt.objects.visible_to(request.user).select_related(
            "enrolment__person", "quiz__assessment"
        )
        self.attempt = get_object_or_404(seen, pk=kwargs["pk"])

    def get_page_subtitle(self) -> str:
        return str(self.attempt.enrolment.person)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("attempts:index"), "label": _("Attempts")},
            {"url": reverse("attempts:inspect", args=[self.attempt.pk]), "label": self._name()},
            {"url": "", "label": self.page_title},
        ]

    def _name(self) -> str:
        return f"{self.attempt.enrolment.person}: {self.attempt.quiz} ({self.attempt.number})"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shown = inspecting.view(self.attempt, user=self.request.user)
        return super().get_context_data(**kwargs) | shown | {"attempt": self.attempt}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"times": restoring.received_at(self.attempt.pk)}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            slots = restoring.restore(
                attempt_id=self.attempt.pk,
                received_until=form.cleaned_data["received_until"],
                by=self.request.user,
                reason=form.cleaned_data["reason"],
                at=timezone.now(),
            )
        except restoring.RestoringRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        if slots:
            words = ngettext(
                "%(count)s late answer counts now, and the attempt is graded again.",
                "%(count)s late answers count now, and the attempt is graded again.",
                len(slots),
            )
            messages.success(self.request, words % {"count": len(slots)})
        else:
            messages.warning(
                self.request, _("No late answer is newer than what counts. Nothing was changed.")
            )
        return redirect("attempts:inspect", self.attempt.pk)


class AttemptViewSet(ScopedViewSet):
    model = Attempt
    name = "attempts"
    icon = "list-ul"
    menu_label = _("Attempts")
    index_view_class = AttemptListing
    inspect_view_class = AttemptInspecting
    inspect_template_name = "quizzes/admin/attempt.html"
    offers = frozenset({"inspect"})
    ordering = ("-started_at", "-pk")
    list_related = (
        "enrolment__person",
        "enrolment__run",
        "enrolment__agency",
        "quiz__assessment",
    )
    folded_fields = ("enrolment__person__search_text",)
    filterset_class = AttemptFilters
    list_display = (
        TitleColumn("person", label=_("Full name"), accessor="enrolment.person"),
        Column("quiz", label=_("Test"), accessor="quiz"),
        Column("run", label=_("Course run"), accessor="enrolment.run"),
        Column("number", label=_("Attempt"), accessor="number"),
        "started_at",
        "submitted_at",
        Column("state", label=_("State"), accessor=inspecting.state_in_words),
        Column("score", label=_("Mark"), accessor=mark_in_words, sort_key="score"),
        Column("late", label=_("Late answers"), accessor="late", sort_key="late"),
    )
    list_export = (
        "enrolment.person",
        "enrolment.agency",
        "enrolment.run",
        "quiz",
        "number",
        "started_at",
        "deadline",
        "submitted_at",
        "answered",
        "late",
        "score",
        "max_score",
        "passed",
    )
    labels = {
        "enrolment.person": _("Full name"),
        "enrolment.agency": _("Agency"),
        "enrolment.run": _("Course run"),
        "quiz": _("Test"),
        "number": _("Attempt"),
        "answered": _("Questions answered"),
        "late": _("Late answers that do not count"),
    }
    export_filename = "attempts"
    inspect_view_fields = ("quiz", "number", "started_at", "deadline", "submitted_at")

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("restore/<int:pk>/", Restore.as_view(), name="restore"),
        ]


def links(run: CourseRun, user: Any) -> list[RunLink]:
    """The hook ``run_links``."""
    if run.state == CourseRun.State.DRAFT or not user.has_perm("quizzes.view_attempt"):
        return []
    address = reverse("attempts:index")
    return [RunLink(str(_("Attempts")), f"{address}?run={run.pk}", "list-ul")]
