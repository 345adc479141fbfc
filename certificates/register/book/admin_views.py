"""The register books for DOST officers: which there are, and taking one away, which is logged."""

import tempfile
from math import ceil
from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.log_actions import log

from certificates.models import Register, RegisterEntry
from certificates.register.book import listing, printing, workbook
from jobs import private_files
from jobs.paper import PaperError

LOGGED = "certificates.take_book"


class BookPage(PermissionCheckedMixin):
    """About the register that the address names."""

    model = RegisterEntry
    permission_required = "view"
    register: Register

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.register = get_object_or_404(Register, pk=kwargs["register_id"])


class Books(BookPage, WagtailAdminTemplateMixin, TemplateView):
    """The years, each with its workbook and its volumes."""

    page_title = gettext_lazy("Register book")
    header_icon = "folder-inverse"
    template_name = "certificates/admin/books.html"

    def get_page_subtitle(self) -> str:
        return str(self.register)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("registers:index"), "label": _("Registers")},
            {"url": "", "label": self.get_page_title()},
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)
        books = [
            (year, number, range(1, ceil(number / listing.VOLUME) + 1))
            for year, number in listing.years(self.register)
        ]
        return context | {"register": self.register, "books": books}


class Taking(BookPage, View):
    def refuse_unknown(self, year: int, volume: int = 1) -> None:
        decisions = dict(listing.years(self.register)).get(year, 0)
        if not 0 <= (volume - 1) * listing.VOLUME < decisions:
            raise Http404

    def log(self, **about: Any) -> None:
        log(instance=self.register, action=LOGGED, user=self.request.user, data=about)


class Workbook(Taking):
    def get(self, request: HttpRequest, register_id: int, year: int) -> FileResponse:
        self.refuse_unknown(year)
        self.log(year=year, kind="xlsx")
        file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
        workbook.write(file, register=self.register, year=year, on=timezone.localdate())
        file.seek(0)
        return FileResponse(
            file,
            as_attachment=True,
            filename=f"{_name(self.register, year)}.xlsx",
            content_type=private_files.EXCEL.content_type,
            headers={"Cache-Control": "private, no-store"},
        )


class Volume(Taking):
    def get(self, request: HttpRequest, register_id: int, year: int, volume: int) -> HttpResponse:
        self.refuse_unknown(year, volume)
        try:
            pdf = printing.write(
                register=self.register, year=year, volume=volume, on=timezone.localdate()
            )
        except PaperError as reason:
            messages.error(request, _("Not done: %(reason)s") % {"reason": reason})
            return redirect("register_books", self.register.pk)
        self.log(year=year, kind="pdf", volume=volume)
        name = f"{_name(self.register, year)}-{volume}.pdf"
        return HttpResponse(
            pdf,
            content_type="application/pdf",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "private, no-store",
            },
        )


def _name(register: Register, year: int) -> str:
    return private_files.plain_name(f"so goc {register.code} {year}")


def addresses() -> list[Any]:
    """Wagtail's ``register_admin_urls``."""
    base = "registers/<int:register_id>/book/"
    return [
        path(base, Books.as_view(), name="register_books"),
        path(f"{base}<int:year>.xlsx", Workbook.as_view(), name="register_book_workbook"),
        path(f"{base}<int:year>/<int:volume>.pdf", Volume.as_view(), name="register_book_volume"),
    ]


def log_actions(actions: Any) -> None:
    """Wagtail's ``register_log_actions``."""
    actions.register_action(
        LOGGED,
        gettext_lazy("Take the register book away"),
        gettext_lazy("The register book was taken away"),
    )
