"""Handing in a list of paper certificates: looked at first, entered when that is confirmed."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core import signing
from django.core.files.storage import storages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.generic import TemplateView
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.log_actions import log

from certificates.models import Register, RegisterEntry
from certificates.register.legacy import entering, reading
from certificates.register.legacy.entering import Looked
from courses.lists.refusing import FileRefused
from jobs import private_files

_FOLDER = "paper-certificates"
_SALT = "certificates.legacy"
_KEPT = timedelta(hours=12)  # for so long a list may be looked at


class ListForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("Excel workbook (.xlsx)"),
        help_text=gettext_lazy(
            "With the headings: number, full name, date of birth, course, date of issue, workplace."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
    )


class PaperCertificates(PermissionCheckedMixin, WagtailAdminTemplateMixin, TemplateView):
    """POST with a file shows what becomes of each row; POST with its ``token`` enters them."""

    model = RegisterEntry
    permission_required = "add"
    page_title = gettext_lazy("Enter paper certificates")
    header_icon = "folder-inverse"
    template_name = "certificates/admin/paper_certificates.html"
    register: Register

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.register = get_object_or_404(Register, pk=kwargs["register_id"])

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
        return {"register": self.register, "form": ListForm()} | context

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.register.legacy:
            return redirect("paper_certificates", self.register.pk)
        if "token" in request.POST:
            return self._enter(request.POST["token"])
        form = ListForm(request.POST, request.FILES)
        if not form.is_valid():
            return self._show(form=form, status=422)
        try:
            received = private_files.receive(
                form.cleaned_data["file"], kinds=[private_files.EXCEL], most_megabytes=5
            )
            papers = reading.read(received.content, today=timezone.localdate())
        except (private_files.FileRefused, FileRefused) as reason:
            form.add_error("file", str(reason))
            return self._show(form=form, status=422)
        _discard_old()
        name = received.keep(_FOLDER)
        token = signing.dumps([self.register.pk, name], salt=_SALT)
        return self._show_rows(entering.look_at(papers, register=self.register), token=token)

    def _enter(self, token: str) -> HttpResponse:
        storage = storages["private"]
        try:
            register_id, name = signing.loads(token, salt=_SALT, max_age=_KEPT)
        except signing.BadSignature:
            register_id, name = 0, ""
        if register_id != self.register.pk or not storage.exists(name):
            messages.error(self.request, _("Hand the list in again, please. Nothing was entered."))
            return redirect("paper_certificates", self.register.pk)
        with storage.open(name, "rb") as file:
            papers = reading.read(file.read(), today=timezone.localdate())
        entered, left = entering.enter(
            register_id=self.register.pk, papers=papers, by=self.request.user, at=timezone.now()
        )
        private_files.discard(name)
        log(instance=self.register, action="wagtail.edit", user=self.request.user)
        messages.success(
            self.request,
            ngettext(
                "%(count)s paper certificate was entered.",
                "%(count)s paper certificates were entered.",
                entered,
            )
            % {"count": entered},
        )
        return self._show_rows(left, entered=True)

    def _show_rows(self, looked: list[Looked], **more: Any) -> HttpResponse:
        return self._show(
            looked=looked,
            ready=sum(one.ready for one in looked),
            standing=sum(one.standing and not one.problem for one in looked),
            failures=sum(bool(one.problem) for one in looked),
            **more,
        )

    def _show(self, *, status: int = 200, **more: Any) -> HttpResponse:
        return self.render_to_response(self.get_context_data(**more), status=status)


def _discard_old() -> None:
    """Lists that nobody has confirmed hold personal data and are not kept."""
    storage, before = storages["private"], timezone.now() - _KEPT
    try:
        names = storage.listdir(_FOLDER)[1]
    except FileNotFoundError:
        return
    for name in names:
        if storage.get_modified_time(f"{_FOLDER}/{name}") < before:
            storage.delete(f"{_FOLDER}/{name}")


def addresses() -> list[Any]:
    """Wagtail's ``register_admin_urls``."""
    return [
        path(
            "registers/<int:register_id>/paper/",
            PaperCertificates.as_view(),
            name="paper_certificates",
        )
    ]
