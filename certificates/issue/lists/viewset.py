"""The officers' pages of lists to issue by: receive, look at each line and decide, issue."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets.button import HeaderButton
from wagtail.log_actions import log

from certificates.issue.lists import deciding, finding, receiving
from certificates.issue.lists.finding import Found, Verdict
from certificates.issue.lists.forms import ReceiveForm
from certificates.models import IssueList
from certificates.posted import keys
from courses.lists.refusing import FileRefused, ListRefused
from jobs import workbooks
from jobs.forms import FormPage
from jobs.staff_views import ScopedInspecting, ScopedListing, ScopedViewSet
from people.models import Person
from people.telling_apart import told_apart
from vietnamese.text import fold

PER_PAGE = 100


class Receive(PermissionCheckedMixin, WagtailAdminTemplateMixin, FormPage):
    """A list comes in; what it comes to is shown before anything is issued."""

    model = IssueList
    permission_required = "add"
    page_title = gettext_lazy("Issue by a list")
    header_icon = "list-ul"
    template_name = "certificates/admin/receive_issue_list.html"
    form_class = ReceiveForm

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("issue_lists:index"), "label": _("Lists to issue by")},
            {"url": "", "label": self.get_page_title()},
        ]

    def form_valid(self, form: ReceiveForm) -> HttpResponse:
        given = form.cleaned_data
        about = {
            "rule_id": given["rule"].pk,
            "by": self.request.user,
            "at": timezone.now(),
        }
        try:
            if file := given["file"]:
                content = file.read(workbooks.LARGEST_FILE + 1)
                found = receiving.receive_file(file_name=file.name, content=content, **about)
            else:
                found = receiving.receive_lines(text=given["text"], **about)
        except FileRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        return redirect("issue_lists:inspect", found.pk)


class ListPage(ScopedInspecting):
    """What each line comes to. POST with ``do``: decide, skip, discard, or issue, which asks
    first."""

    page_title = gettext_lazy("Issue by a list")

    def get_page_subtitle(self) -> str:
        return f"{self.object} – {self.object.rule.course}"

    @cached_property
    def found(self) -> list[Found]:
        return finding.find(self.object, at=timezone.now())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        asked = self.request.GET
        verdict, words = asked.get("verdict", ""), fold(asked.get("q", "")[:200])
        shown = [
            row
            for row in self.found
            if verdict in ("", row.verdict) and words in fold(row.line.full_name)
        ]
        page = Paginator(shown, PER_PAGE).get_page(asked.get("p"))
        if self.object.is_open:
            _offer(list(page))
        counted = Counter(row.verdict for row in self.found)
        return context | {
            "rule": self.object.rule,
            "batch": self.object.batch,
            "page_of_rows": page,
            "counted": [(one, counted[one]) for one in Verdict if counted[one]],
            "rows_in_all": len(self.found),
            "ready": counted[Verdict.READY],
            "unresolved": counted[Verdict.AMBIGUOUS],
            "chosen": verdict,
            "searched": asked.get("q", ""),
            "query": urlencode({key: value for key, value in asked.items() if key != "p"}),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_perm("certificates.add_issuelist"):
            raise PermissionDenied
        do = request.POST.get("do", "")
        try:
            if do == "issue" and self.object.batch is None and "confirmed" not in request.POST:
                return self._ask()
            if do == "issue":
                return self._issue()
            if do == "discard":
                deciding.discard(list_id=self.object.pk, at=timezone.now())
                messages.success(request, _("The list was thrown away; nothing was issued."))
                return redirect("issue_lists:index")
            if do in ("decide", "skip"):
                messages.success(request, self._decide(do))
        except ListRefused as refused:
            messages.error(
                request, _("Not done: %(reason)s Nothing was changed.") % {"reason": refused}
            )
        address = reverse("issue_lists:inspect", args=[self.object.pk])
        query = request.GET.urlencode()
        return redirect(f"{address}?{query}" if query else address)

    def _decide(self, do: str) -> str:
        about: dict[str, Any] = {"list_id": self.object.pk, "at": timezone.now()}
        if do == "skip":
            number = deciding.leave_out_undecided(**about)
        else:
            number = deciding.decide(decisions=_decisions(self.request), **about)
        return ngettext("%(count)s row decided", "%(count)s rows decided", number) % {
            "count": number
        }

    def _ask(self) -> HttpResponse:
        ready = finding.ready(self.found)
        if not ready:
            raise ListRefused(_("There is nobody in this list who could get a certificate."))
        self.template_name = "certificates/admin/issue_candidates.html"
        context = self.get_context_data() | {
            "ready": ready,
            "seen": deciding.fingerprint(ready),
            "left_out": len(self.found) - len(ready),
            "warned": sum(bool(one.warnings) for one in ready),
            "back": reverse("issue_lists:inspect", args=[self.object.pk]),
            "today": timezone.localdate(),
        }
        answer: HttpResponse = self.render_to_response(context)
        return answer

    def _issue(self) -> HttpResponse:
        batch = deciding.issue(
            list_id=self.object.pk,
            seen=self.request.POST.get("seen", ""),
            by=self.request.user,
            at=timezone.now(),
        )
        log(instance=self.object, action="wagtail.edit", user=self.request.user)
        number = len(batch.chosen)
        words = ngettext(
            "%(count)s certificate is being issued.",
            "%(count)s certificates are being issued.",
            number,
        )
        messages.success(self.request, words % {"count": number})
        return redirect("issue_batches:inspect", batch.pk)


def _decisions(request: HttpRequest) -> dict[int, int | str]:
    """By the number of the line: the key of a person, or a word."""
    decisions: dict[int, int | str] = {}
    for name, value in request.POST.items():
        number = keys([name.removeprefix("row-")])
        if name.startswith("row-") and number and isinstance(value, str) and value:
            person = keys([value])
            decisions[number[0]] = person[0] if person else value
    return decisions


def _offer(rows: Sequence[Found]) -> None:
    """Give each line the ``choices`` that an officer has: pairs of a value and its words."""
    possible = {key for row in rows for key in row.possible}
    named = told_apart(Person.objects.filter(pk__in=possible))
    for row in rows:
        row.choices = [(str(key), named[key]) for key in row.possible if key in named]
        if row.decided:
            row.choices.append((deciding.AGAIN, _("Decide anew")))
        elif row.verdict in (Verdict.AMBIGUOUS, Verdict.READY):
            row.choices.append((deciding.SKIP, _("Leave out")))


class IssueListListing(ScopedListing):
    def get_base_queryset(self) -> QuerySet[Any]:
        listed: Any = super().get_base_queryset()
        found: QuerySet[Any] = listed.kept().defer("lines", "decided")
        return found

    @property
    def header_buttons(self) -> list[Any]:
        return [
            HeaderButton(_("Issue by a list"), url=reverse("issue_lists:receive"), icon_name="plus")
        ]


class IssueListViewSet(ScopedViewSet):
    model = IssueList
    name = "issue_lists"
    icon = "list-ul"
    menu_label = gettext_lazy("Issue by a list")
    index_view_class = IssueListListing
    inspect_view_class = ListPage
    inspect_template_name = "certificates/admin/issue_list.html"
    offers = frozenset({"inspect"})
    ordering = ("-received_at", "-pk")
    list_related = ("rule__course", "batch__rule", "batch__run", "received_by__person")
    list_display = (
        "name",
        Column("course", label=gettext_lazy("Course"), accessor="rule.course"),
        "received_by",
        "received_at",
        Column("begun", label=gettext_lazy("Issue begun at"), accessor="batch.at"),
    )
    inspect_view_fields = ("name", "rule", "received_by", "received_at")

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("receive/", Receive.as_view(), name="receive"),
        ]
