"""The focal point's pages: the own people by course, enrol and remind them, approve requests."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import include, path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem
from wagtail.admin.views.generic import WagtailAdminTemplateMixin

from agencies.models import Agency
from courses import agency_people, enrolling
from courses.asking import RunLink
from courses.correspondence import reminding
from courses.models import CourseRun
from people.models import Person

MOST_TICKED = 2000
MOST_NAMED = 10


class AgencyPage(WagtailAdminTemplateMixin, TemplateView):
    """For whoever looks after an agency's people; a DOST officer chooses the agency."""

    header_icon = "group"
    agencies: list[Agency]

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        if not request.user.has_perm("courses.add_enrolmentlist"):
            raise PermissionDenied
        own = agency_people.agencies_of(request.user)
        wanted = request.GET.get("agency", "")
        self.choices = list(own.order_by("search_text"))
        keys = [wanted] if wanted else []
        self.agencies = [one for one in self.choices if not keys or str(one.pk) in keys]
        if request.user.has_perm("courses.manage_all_runs") and not wanted:
            self.agencies = self.choices[:1]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        one = self.agencies[0] if len(self.agencies) == 1 else None
        return super().get_context_data(**kwargs) | {
            "agencies": self.agencies,
            "choices": self.choices,
            "agency": one,
            "today": timezone.localdate(),
        }


class ByCourse(AgencyPage):
    page_title = gettext_lazy("People by course")
    template_name = "courses/admin/agency_runs.html"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        concerned = agency_people.runs_for(self.request.user)
        lines = agency_people.runs(concerned, self.agencies, on=timezone.localdate())
        return super().get_context_data(**kwargs) | {"lines": lines}


class InRun(AgencyPage):
    """The agency's people in one run; POST enrols or reminds those ticked."""

    page_title = gettext_lazy("People by course")
    template_name = "courses/admin/agency_people.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        concerned = agency_people.runs_for(request.user).select_related("course")
        self.run = get_object_or_404(concerned, pk=kwargs["run_id"])

    def get_page_subtitle(self) -> str:
        return str(self.run)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("agency_people:index"), "label": _("People by course")},
            {"url": "", "label": str(self.run)},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = agency_people.people(self.agencies, run=self.run, on=timezone.localdate())
        late = sum(line.late for line in lines)
        return super().get_context_data(**kwargs) | {
            "run": self.run,
            "lines": lines,
            "late": late,
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        do = request.POST.get("do")
        if do == "enrol":
            self._enrol(_keys(request, "person"))
        elif do == "remind":
            self._remind(_keys(request, "enrolment"))
        elif do == "remind_late":
            self._remind(
                agency_people.late_enrolments(self.agencies, run=self.run, on=timezone.localdate())
            )
        address = reverse("agency_people:run", args=[self.run.pk])
        query = request.GET.urlencode()
        return redirect(f"{address}?{query}" if query else address)

    def _enrol(self, person_ids: list[int]) -> None:
        seen = Person.objects.visible_to(self.request.user).filter(pk__in=person_ids)
        answers = enrolling.enrol_many(
            run_id=self.run.pk,
            person_ids=list(seen.values_list("pk", flat=True)),
            at=timezone.now(),
            by=self.request.user,
        )
        enrolled = sum(isinstance(one, enrolling.Enrolled) for one in answers.values())
        words = ngettext(
            "%(count)s person is enrolled.", "%(count)s people are enrolled.", enrolled
        )
        self._count(messages.success, words, enrolled)
        waiting = sum(isinstance(one, enrolling.Asked) for one in answers.values())
        words = ngettext(
            "The run is full: %(count)s person is on the waiting list.",
            "The run is full: %(count)s people are on the waiting list.",
            waiting,
        )
        self._count(messages.warning, words, waiting)
        self._name_refused(answers)
        if not answers:
            messages.warning(self.request, _("Nobody to enrol was ticked."))

    def _name_refused(self, answers: Mapping[int, enrolling.Answer]) -> None:
        """Who was not enrolled, one message for each reason."""
        reasons = {
            key: one.reason for key, one in answers.items() if isinstance(one, enrolling.Refused)
        }
        names: defaultdict[str, list[str]] = defaultdict(list)
        for person in Person.objects.filter(pk__in=reasons).order_by("sort_name", "pk"):
            names[reasons[person.pk]].append(person.full_name)
        for reason, people in sorted(names.items()):
            words = _("Not enrolled: %(names)s. %(reason)s")
            more = " …" if len(people) > MOST_NAMED else ""
            told = ", ".join(people[:MOST_NAMED]) + more
            messages.error(self.request, words % {"names": told, "reason": reason})

    def _remind(self, enrolment_ids: list[int]) -> None:
        told = reminding.remind(
            enrolment_ids=enrolment_ids, by=self.request.user, at=timezone.now()
        )
        words = ngettext(
            "%(count)s reminder is on its way.",
            "%(count)s reminders are on their way.",
            told.queued,
        )
        self._count(messages.success, words, told.queued)
        words = ngettext(
            "%(count)s person has nothing left to do.",
            "%(count)s people have nothing left to do.",
            told.nothing_to_do,
        )
        self._count(messages.warning, words, told.nothing_to_do)
        words = ngettext(
            "%(count)s person was reminded today already.",
            "%(count)s people were reminded today already.",
            told.reminded_today,
        )
        self._count(messages.warning, words, told.reminded_today)
        words = ngettext(
            "%(count)s person has no e-mail address.",
            "%(count)s people have no e-mail address.",
            told.without_address,
        )
        self._count(messages.warning, words, told.without_address)
        if not enrolment_ids:
            messages.warning(self.request, _("There is nobody to remind."))

    def _count(self, say: Callable[..., None], words: str, count: int) -> None:
        """Say for how many; for nobody, nothing."""
        if count:
            say(self.request, words % {"count": count})


def _keys(request: HttpRequest, name: str) -> list[int]:
    ticked = request.POST.getlist(name)[:MOST_TICKED]
    return [int(key) for key in ticked if key.isascii() and key.isdigit() and len(key) < 19]


class PeopleMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("courses.add_enrolmentlist"))


def menu_item() -> Any:
    """Wagtail's ``register_admin_menu_item``."""
    return PeopleMenuItem(
        gettext_lazy("People by course"),
        reverse_lazy("agency_people:index"),
        name="agency-people",
        icon_name="group",
        order=115,
    )


def addresses() -> list[Any]:
    """Wagtail's ``register_admin_urls``."""
    pages = [
        path("", ByCourse.as_view(), name="index"),
        path("<int:run_id>/", InRun.as_view(), name="run"),
    ]
    return [path("agency-people/", include((pages, "agency_people")))]


def links(run: CourseRun, user: Any) -> list[RunLink]:
    """The hook ``run_links``: a run's way in, for those who enrol."""
    if not run.is_going_on or not user.has_perm("courses.add_enrolmentlist"):
        return []
    chosen = f"?run={run.pk}"
    return [
        RunLink(_("Enrol by a list"), f"{reverse('enrolment_lists:receive')}{chosen}", "list-ul"),
        RunLink(_("Requests"), f"{reverse('enrolment_requests:index')}{chosen}", "user"),
        RunLink(_("People by agency"), reverse("agency_people:run", args=[run.pk]), "group"),
    ]
