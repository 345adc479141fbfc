"""Files that are signed outside, for DOST officers: taken away, brought back, and the outcome."""

from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets.button import HeaderButton
from wagtail.log_actions import log

from certificates.models import Certificate, Register, SignedUpload, UnsignedFile
from certificates.signature import outside
from jobs import progress
from jobs.forms import FormPage
from jobs.staff_views import ScopedListing, ScopedViewSet

REFRESH_SECONDS = "2"
PER_PAGE = 100


class Files(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or several files."""

    widget = Files(attrs={"accept": ".zip,.pdf"})

    def clean(self, data: Any, initial: Any = None) -> Any:
        several = data if isinstance(data, list | tuple) else [data]
        return [super(FilesField, self).clean(one, initial) for one in several]


class BringForm(forms.Form):
    signed_files = FilesField(
        label=gettext_lazy("Signed files"),
        help_text=gettext_lazy("A ZIP archive, or up to 100 PDF files. Their names do not matter."),
    )


class OfficersPage(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """Only for those who may issue certificates."""

    model = Certificate
    permission_required = "add"
    header_icon = "key"

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        return [
            *self.breadcrumbs_items,
            {"url": reverse("unsigned_files:index"), "label": _("Files to be signed")},
            {"url": "", "label": self.get_page_title()},
        ]


class Export(PermissionCheckedMixin, View):
    """All waiting files of a register as a ZIP."""

    model = Certificate
    permission_required = "add"

    def get(self, request: HttpRequest, register_id: int) -> StreamingHttpResponse:
        register = get_object_or_404(Register, pk=register_id)
        if not UnsignedFile.objects.waiting().filter(entry__register=register).exists():
            raise Http404
        log(instance=register, action="certificates.taken_away", user=request.user)
        name = f"{register.code}-{timezone.localdate():%Y%m%d}.zip"
        return StreamingHttpResponse(
            outside.export(register=register),
            content_type="application/zip",
            headers={
                "Content-Disposition": f'attachment; filename="{name}"',
                "Cache-Control": "private, no-store",
            },
        )


class Bring(OfficersPage, FormPage):
    """Signed files come back; they are looked at in the background."""

    page_title = gettext_lazy("Bring back signed files")
    template_name = "certificates/admin/bring_signed.html"
    form_class = BringForm

    def form_valid(self, form: BringForm) -> HttpResponse:
        try:
            upload = outside.receive(
                files=form.cleaned_data["signed_files"], by=self.request.user, at=timezone.now()
            )
        except outside.Refused as refused:
            form.add_error("signed_files", str(refused))
            return self.form_invalid(form)
        return redirect("unsigned_files:brought", upload.pk)


class Brought(OfficersPage, TemplateView):
    """How far an upload is, and what became of every file. POST goes on after a problem."""

    page_title = gettext_lazy("Signed files")
    template_name = "certificates/admin/brought_signed.html"

    @cached_property
    def upload(self) -> SignedUpload:
        """Asked for once it is known that the person may see it."""
        found = SignedUpload.objects.select_related("work", "by__person")
        return get_object_or_404(found, pk=self.kwargs["pk"])

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        answer = super().get(request, *args, **kwargs)
        if self.upload.work.is_going:
            # The bar moves without JavaScript.
            answer["Refresh"] = REFRESH_SECONDS
        return answer

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        progress.try_again(progress_id=self.upload.work_id, at=timezone.now())
        messages.success(request, _("The work goes on."))
        return redirect("unsigned_files:brought", self.upload.pk)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        lines = self.upload.lines.select_related("entry").order_by("-outcome", "place")
        refused = self.upload.lines.filter(outcome=outside.Outcome.REFUSED)
        return super().get_context_data(**kwargs) | {
            "upload": self.upload,
            "work": self.upload.work,
            "refused": refused.count(),
            "page": Paginator(lines, PER_PAGE).get_page(self.request.GET.get("p")),
        }


class WaitingListing(ScopedListing):
    @property
    def header_buttons(self) -> list[Any]:
        waiting = UnsignedFile.objects.waiting().values("entry__register")
        buttons = [
            HeaderButton(
                _("Take away: %(register)s") % {"register": register},
                url=reverse("unsigned_files:export", args=[register.pk]),
                icon_name="download",
            )
            for register in Register.objects.filter(pk__in=waiting).order_by("code")
        ]
        url = reverse("unsigned_files:bring")
        return [*buttons, HeaderButton(_("Bring back signed files"), url=url, icon_name="upload")]


class UnsignedFileViewSet(ScopedViewSet):
    """What waits for a signature from outside."""

    model = UnsignedFile
    name = "unsigned_files"
    icon = "key"
    menu_label = gettext_lazy("Files to be signed")
    index_view_class = WaitingListing
    ordering = ("entry__register", "entry__position")
    list_related = ("entry__register", "entry__certificate__person")
    folded_fields = ("entry__certificate__person__search_text",)
    exact_fields = ("entry__number",)
    list_display = (
        Column("number", label=gettext_lazy("Number"), accessor="entry.number"),
        Column("holder", label=gettext_lazy("Holder"), accessor="entry.certificate.person"),
        Column("register", label=gettext_lazy("Register"), accessor="entry.register"),
        "made_at",
    )

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("export/<int:register_id>/", Export.as_view(), name="export"),
            path("bring/", Bring.as_view(), name="bring"),
            path("brought/<int:pk>/", Brought.as_view(), name="brought"),
        ]


def log_actions(actions: Any) -> None:
    """Wagtail's ``register_log_actions``."""
    actions.register_action(
        "certificates.taken_away",
        gettext_lazy("Take away for signing"),
        gettext_lazy("Files taken away for signing"),
    )
