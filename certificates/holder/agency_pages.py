"""The focal point's page of the agency's certificates: ZIP, sheet to sign, papers handed out."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import include, path, reverse, reverse_lazy
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from wagtail.admin import messages
from wagtail.admin.menu import MenuItem

from certificates.holder import handing_out, holding
from certificates.posted import keys
from courses.agency_pages import AgencyPage
from jobs.paper import PaperError
from jobs.private_files import plain_name

PER_PAGE = 200
ADDRESS = "agency_certificates"


class OfAgency(AgencyPage):
    """The certificates of the agency's people; POST records papers handed out."""

    page_title = gettext_lazy("The agency's certificates")
    template_name = "certificates/admin/agency.html"
    header_icon = "success"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [*self.breadcrumbs_items, {"url": "", "label": self.get_page_title()}]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        held = holding.of_agencies([agency.pk for agency in self.agencies])
        page = Paginator(held, PER_PAGE).get_page(self.request.GET.get("p"))
        return super().get_context_data(**kwargs) | {
            "page": page,
            "number": page.paginator.count,
            "query": self._query(),
        }

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            recorded = handing_out.record(
                agency_ids=[agency.pk for agency in self.agencies],
                certificate_ids=keys(request.POST.getlist("certificate")),
                handed_on=_day(request.POST.get("handed_on", "")),
                to=request.POST.get("to", "")[:120],
                remark=request.POST.get("remark", "")[:200],
                by=request.user,
                at=timezone.now(),
            )
        except handing_out.NotRecorded as reason:
            messages.error(
                request, _("Not done: %(reason)s Nothing was changed.") % {"reason": reason}
            )
        else:
            self._say(recorded)
        query = self._query()
        address = reverse(f"{ADDRESS}:index")
        return redirect(f"{address}?{query}" if query else address)

    def _say(self, recorded: int) -> None:
        if not recorded:
            words = _("No paper was ticked that is not recorded already.")
            messages.warning(self.request, words)
            return
        words = ngettext(
            "%(count)s paper is recorded as handed out.",
            "%(count)s papers are recorded as handed out.",
            recorded,
        )
        messages.success(self.request, words % {"count": recorded})

    def _query(self) -> str:
        chosen = self.request.GET.get("agency", "")
        return f"agency={chosen}" if chosen.isascii() and chosen.isdigit() else ""


def _day(text: str) -> Any:
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise handing_out.NotRecorded(_("Say on which day."))
    return day


class OwnFile(AgencyPage):
    """A file about the agency's certificates, as a download."""

    def headers(self, name: str, extension: str) -> dict[str, str]:
        agency = self.agencies[0].name if len(self.agencies) == 1 else ""
        whole = plain_name(f"{name} {agency}")
        return {
            "Content-Disposition": f'attachment; filename="{whole}.{extension}"',
            "Cache-Control": "private, no-store",
            "X-Content-Type-Options": "nosniff",
        }


class Bundle(OwnFile):
    """All the PDFs as one ZIP, sent while it is made."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        held = holding.of_agencies([agency.pk for agency in self.agencies])
        return StreamingHttpResponse(
            handing_out.zipped(held),
            content_type="application/zip",
            headers=self.headers("giay chung nhan", "zip"),
        )


class Sheet(OwnFile):
    """The list to sign when papers are handed out."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            pdf = handing_out.sheet(agencies=self.agencies, on=timezone.localdate())
        except PaperError as reason:
            messages.error(request, _("Not done: %(reason)s") % {"reason": reason})
            return redirect(f"{ADDRESS}:index")
        return HttpResponse(
            pdf, content_type="application/pdf", headers=self.headers("ky nhan", "pdf")
        )


class CertificatesMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("courses.add_enrolmentlist"))


def menu_item() -> Any:
    """Wagtail's ``register_admin_menu_item``."""
    return CertificatesMenuItem(
        # Beside "Certificates" in a narrow menu: the whole name would be cut to the same words.
        pgettext_lazy("menu", "Agency's certificates"),
        reverse_lazy(f"{ADDRESS}:index"),
        name="agency-certificates",
        icon_name="folder-open-inverse",
        order=116,
    )


def addresses() -> list[Any]:
    """Wagtail's ``register_admin_urls``."""
    pages = [
        path("", OfAgency.as_view(), name="index"),
        path("zip/", Bundle.as_view(), name="bundle"),
        path("sheet/", Sheet.as_view(), name="sheet"),
    ]
    return [path("agency-certificates/", include((pages, ADDRESS)))]
