"""The staff's pages of a list: receive it, look at it and decide, see it worked off."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin

from courses.lists import cells, receiving, reporting, resolving, showing, undoing, working
from courses.lists.forms import ReceiveForm
from courses.lists.refusing import FileRefused, ListRefused
from courses.models import EnrolmentList
from jobs import progress, workbooks
from jobs.forms import FormPage
from jobs.staff_views import ScopedInspecting

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
REFRESH_SECONDS = "2"
PER_PAGE = 100


class Receive(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormPage):
    """A list comes in; what it holds is shown before anybody is enrolled."""

    model = EnrolmentList
    permission_required = "add"
    page_title = gettext_lazy("Enrol by a list")
    header_icon = "list-ul"
    template_name = "courses/lists/receive.html"
    form_class = ReceiveForm

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("enrolment_lists:index"), "label": _("Enrolment lists")},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"user": self.request.user}

    def get_initial(self) -> dict[str, Any]:
        return {"run": self.request.GET.get("run", "")}

    def form_valid(self, form: ReceiveForm) -> HttpResponse:
        try:
            found = self._received(form.cleaned_data)
        except FileRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        return redirect("enrolment_lists:inspect", found.pk)

    def _received(self, given: dict[str, Any]) -> EnrolmentList:
        about = {
            "run_id": given["run"].pk,
            "by": self.request.user,
            "at": timezone.now(),
            "invites": given.get("invites", False),
        }
        if file := given["file"]:
            content = file.read(workbooks.LARGEST_FILE + 1)
            return receiving.receive_list(file_name=file.name, content=content, **about)
        if given["text"].strip():
            return receiving.receive_lines(text=given["text"], **about)
        names = ("agencies", "levels", "phases")
        chosen = {name: given[name] for name in names if name in given}
        return receiving.gather_list(**chosen, **about)


class ListPage(ScopedInspecting):
    """One list as it stands. POST takes a step; each is refused in words where it is too late."""

    page_title = gettext_lazy("Enrolment list")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer: HttpResponse = super().get(request, *args, **kwargs)
        if self.object.is_going:
            # The bar moves without JavaScript.
            answer["Refresh"] = REFRESH_SECONDS
        return answer

    def get_page_subtitle(self) -> str:
        return str(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        asked = self.request.GET
        rows = showing.rows(
            self.object,
            state=asked.get("state", ""),
            outcome=asked.get("outcome", ""),
            words=asked.get("q", "")[:200],
        )
        page = Paginator(rows, PER_PAGE).get_page(asked.get("p"))
        showing.offer_decisions(page.object_list, found=self.object, user=self.request.user)
        return context | {
            **showing.overview(self.object, at=timezone.now(), user=self.request.user),
            "page_of_rows": page,
            "chosen": {name: asked.get(name, "") for name in ("state", "outcome", "q")},
            "query": urlencode({key: value for key, value in asked.items() if key != "p"}),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm("courses.add_enrolmentlist"):
            raise PermissionDenied
        step = _STEPS.get(request.POST.get("do", ""))
        if step:
            try:
                messages.success(request, step(self.object.pk, request))
            except ListRefused as refused:
                messages.error(
                    request, _("Not done: %(reason)s Nothing was changed.") % {"reason": refused}
                )
        address = reverse("enrolment_lists:inspect", args=[self.object.pk])
        query = request.GET.urlencode()
        return redirect(f"{address}?{query}" if query else address)


class Report(PermissionCheckedMixin, View):
    """What became of every row, as XLSX."""

    model = EnrolmentList
    permission_required = "view"

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        seen = EnrolmentList.objects.visible_to(request.user).select_related("run")
        found = get_object_or_404(seen, pk=pk)
        return HttpResponse(
            reporting.report(found),
            content_type=XLSX,
            headers={"Content-Disposition": f'attachment; filename="enrolment-list-{pk}.xlsx"'},
        )


def _decide(list_id: int, request: HttpRequest) -> str:
    decisions: dict[int, int | str] = {}
    for name, value in request.POST.items():
        key = name.removeprefix("row-")
        if name.startswith("row-") and _is_key(key) and isinstance(value, str) and value:
            decisions[int(key)] = int(value) if _is_key(value) else value
    number = resolving.resolve_rows(list_id=list_id, decisions=decisions, by=request.user)
    return ngettext("%(count)s row decided", "%(count)s rows decided", number) % {"count": number}


def _pick(list_id: int, request: HttpRequest) -> str:
    keys = [cells.text(key) for key in request.POST.getlist("key")]
    agencies = request.POST.getlist("agency")
    picked = {
        key: int(agency) for key, agency in zip(keys, agencies, strict=False) if _is_key(agency)
    }
    number = resolving.pick_agencies(list_id=list_id, picked=picked)
    return ngettext(
        "The agency of %(count)s row is known now.",
        "The agency of %(count)s rows is known now.",
        number,
    ) % {"count": number}


def _create(list_id: int, request: HttpRequest) -> str:
    number = resolving.create_unknown(list_id=list_id)
    return ngettext(
        "%(count)s person will be created.", "%(count)s people will be created.", number
    ) % {"count": number}


def _skip(list_id: int, request: HttpRequest) -> str:
    number = resolving.skip_unresolved(list_id=list_id)
    return ngettext("%(count)s row is left out.", "%(count)s rows are left out.", number) % {
        "count": number
    }


def _start(list_id: int, request: HttpRequest) -> str:
    working.start_list(list_id=list_id, by=request.user, at=timezone.now())
    return _("The people of this list are being enrolled.")


def _undo(list_id: int, request: HttpRequest) -> str:
    undoing.undo_list(list_id=list_id, by=request.user, at=timezone.now())
    return _("The list is being undone.")


def _discard(list_id: int, request: HttpRequest) -> str:
    resolving.discard_list(list_id=list_id)
    return _("The list was thrown away; nobody was enrolled.")


def _try_again(list_id: int, request: HttpRequest) -> str:
    found = EnrolmentList.objects.get(pk=list_id)
    for progress_id in (found.work_id, found.undoing_id):
        if progress_id:
            progress.try_again(progress_id=progress_id, at=timezone.now())
    return _("The work goes on.")


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


_STEPS: dict[str, Callable[[int, HttpRequest], str]] = {
    "decide": _decide,
    "pick": _pick,
    "create": _create,
    "skip": _skip,
    "start": _start,
    "undo": _undo,
    "discard": _discard,
    "again": _try_again,
}
