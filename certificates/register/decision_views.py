"""Later decisions on a certificate, for DOST officers: asked, previewed, confirmed."""

from datetime import date
from typing import Any

from django import forms
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path, reverse
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets import AdminDateInput
from wagtail.log_actions import log

from certificates import views
from certificates.issue.freezing import CannotIssue
from certificates.models import Certificate, RegisterEntry
from certificates.paper.rendering import RenderingError
from certificates.register import deciding, validity
from certificates.register.deciding import CannotDecide, Decision

Kind = RegisterEntry.Kind
TITLES = {
    Kind.CORRECT: gettext_lazy("Correct a certificate"),
    Kind.REISSUE: gettext_lazy("Reissue a certificate"),
    Kind.RENEW: gettext_lazy("Renew a certificate"),
    Kind.REVOKE: gettext_lazy("Revoke a certificate"),
    Kind.VOID: gettext_lazy("Declare a certificate void"),
}
WHAT = {
    Kind.CORRECT: gettext_lazy(
        "A new certificate with a new number and the corrected words takes the place of this one."
    ),
    Kind.REISSUE: gettext_lazy(
        "A new certificate with a new number and the same words takes the place of this one."
    ),
    Kind.RENEW: gettext_lazy(
        "A new certificate with a new number, valid for longer, takes the place of this one."
    ),
    Kind.REVOKE: gettext_lazy("From the date of the decision the certificate is not valid."),
    Kind.VOID: gettext_lazy(
        "The certificate counts as never issued. Its number is not used again."
    ),
}


class DecisionForm(forms.Form):
    """On what the decision rests."""

    decision_number = forms.CharField(
        label=gettext_lazy("Number of the decision"),
        max_length=60,
        help_text=format_lazy(gettext_lazy("As in {example}."), example="125/QĐ-SKHCN"),
    )
    decision_date = forms.DateField(
        label=gettext_lazy("Date of the decision"), widget=AdminDateInput
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"), max_length=1000, widget=forms.Textarea({"rows": 3})
    )

    def decision(self) -> Decision:
        said = self.cleaned_data
        return Decision(said["decision_number"], said["decision_date"], said["reason"])

    def changes(self) -> dict[str, Any]:
        """What is to be different, as the content says it."""
        return {}


class CorrectionForm(DecisionForm):
    full_name = forms.CharField(label=gettext_lazy("Full name"), max_length=120)
    date_of_birth = forms.DateField(
        label=gettext_lazy("Date of birth"), required=False, widget=AdminDateInput
    )
    workplace = forms.CharField(label=gettext_lazy("Workplace"), max_length=300, required=False)
    course_title = forms.CharField(label=gettext_lazy("Course title as printed"), max_length=300)

    def changes(self) -> dict[str, Any]:
        said = {name: self.cleaned_data[name] or None for name in deciding.CORRECTABLE}
        born = said["date_of_birth"]
        return said | {"date_of_birth": born.isoformat() if born else None}


class RenewalForm(DecisionForm):
    valid_until = forms.DateField(label=gettext_lazy("Valid until"), widget=AdminDateInput)

    def changes(self) -> dict[str, Any]:
        return {"valid_until": self.cleaned_data["valid_until"].isoformat()}


FORMS = {Kind.CORRECT: CorrectionForm, Kind.RENEW: RenewalForm}


class DecisionPage(PermissionCheckedMixin, WagtailAdminTemplateMixin):
    """About a certificate and a kind of decision, which the address names."""

    model = RegisterEntry
    permission_required = "add"
    header_icon = "success"
    certificate: Certificate
    kind: RegisterEntry.Kind
    entry: RegisterEntry

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        seen = Certificate.objects.visible_to(request.user)
        self.certificate = get_object_or_404(
            seen.select_related("person", "rule"), pk=kwargs["certificate_id"]
        )
        entry = deciding.standing(self.certificate)
        if kwargs["kind"] not in TITLES or entry is None:
            raise Http404
        self.kind, self.entry = Kind(kwargs["kind"]), entry

    def get_page_title(self) -> str:
        return str(TITLES[self.kind])

    def get_page_subtitle(self) -> str:
        return str(self.entry.number)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        between = [
            (reverse("issued:index"), _("Certificates")),
            (reverse("issued:inspect", args=[self.certificate.pk]), str(self.entry.number)),
            ("", self.get_page_title()),
        ]
        return [*self.breadcrumbs_items, *({"url": url, "label": name} for url, name in between)]

    def make_form(self, data: Any = None) -> DecisionForm:
        made: DecisionForm = FORMS.get(self.kind, DecisionForm)(data, initial=self._usual())
        return made

    def _usual(self) -> dict[str, Any]:
        content, today = self.entry.content, timezone.localdate()
        usual = {name: content.get(name) for name in deciding.CORRECTABLE}
        if usual["date_of_birth"]:
            usual["date_of_birth"] = date.fromisoformat(usual["date_of_birth"])
        rule = self.certificate.rule
        if self.kind == Kind.RENEW and rule and rule.valid_years:
            usual["valid_until"] = validity.add_months(today, 12 * rule.valid_years)
        return usual | {"decision_date": today}


class Decide(DecisionPage, TemplateView):
    """POST shows what it comes to, and decides once that is confirmed."""

    template_name = "certificates/admin/decide.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            deciding.check(kind=self.kind, entry=self.entry, at=timezone.now())
        except CannotDecide as reason:
            return self._refuse(reason)
        return self._show(self.make_form())

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form, now = self.make_form(request.POST), timezone.now()
        if not form.is_valid():
            return self._show(form, status=422)
        try:
            if "confirmed" in request.POST:
                return self._decide(form)
            deciding.check(kind=self.kind, entry=self.entry, at=now)
            deciding.check_decision(form.decision(), entry=self.entry, at=now)
            content = self._proposed(form)
        except (CannotDecide, CannotIssue) as reason:
            form.add_error(None, str(reason))
            return self._show(form, status=422)
        self.template_name = "certificates/admin/decide_confirm.html"
        return self._show(form, content=content, differences=self._differences(content))

    def _proposed(self, form: DecisionForm) -> dict[str, Any]:
        if self.kind not in RegisterEntry.NUMBERED:
            return {}
        return deciding.try_out(
            kind=self.kind, entry=self.entry, changes=form.changes(), at=timezone.now()
        )

    def _decide(self, form: DecisionForm) -> HttpResponse:
        shown = self.request.POST.get("entry", "")
        if shown != str(self.entry.pk):
            raise CannotDecide(
                _("Meanwhile it was replaced by no. %(number)s. Look at that one.")
                % {"number": self.entry.number}
            )
        said: dict[str, Any] = {"entry_id": self.entry.pk, "decision": form.decision()}
        said |= {"by": self.request.user, "at": timezone.now()}
        if isinstance(form, CorrectionForm):
            deciding.correct(**said, changes=form.changes())
        elif isinstance(form, RenewalForm):
            deciding.renew(**said, valid_until=form.cleaned_data["valid_until"])
        else:
            _VERBS[self.kind](**said)
        log(instance=self.certificate, action="wagtail.edit", user=self.request.user)
        text = (
            _("It is entered. The new certificate is being made.")
            if self.kind in RegisterEntry.NUMBERED
            else _("It is entered.")
        )
        messages.success(self.request, text)
        return redirect("issued:inspect", self.certificate.pk)

    def _refuse(self, reason: Exception) -> HttpResponse:
        messages.error(self.request, _("Not done: %(reason)s") % {"reason": reason})
        return redirect("issued:inspect", self.certificate.pk)

    def _differences(self, content: dict[str, Any]) -> list[tuple[str, Any, Any]]:
        """What is printed otherwise than on the paper that stands: label, before, after."""
        found = []
        for name, label in _PRINTED.items():
            before, after = self.entry.content.get(name), content.get(name)
            if content and before != after:
                found.append((str(label), _day(before), _day(after)))
        return found

    def _show(self, form: DecisionForm, *, status: int = 200, **more: Any) -> HttpResponse:
        context = self.get_context_data(
            form=form,
            media=form.media,
            certificate=self.certificate,
            entry=self.entry,
            kind=self.kind,
            what=WHAT[self.kind],
            numbered=self.kind in RegisterEntry.NUMBERED,
            **more,
        )
        return self.render_to_response(context, status=status)


class Preview(DecisionPage, View):
    """The new paper as it would be printed, marked as a preview; nothing is written.

    By POST: names and dates of birth have no place in addresses, which are logged.
    """

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = self.make_form(request.POST)
        if self.kind not in RegisterEntry.NUMBERED or not form.is_valid():
            raise Http404
        try:
            pdf = deciding.preview(
                kind=self.kind, entry=self.entry, changes=form.changes(), at=timezone.now()
            )
        except (CannotDecide, CannotIssue, RenderingError) as reason:
            messages.error(request, _("Not done: %(reason)s") % {"reason": reason})
            return redirect("certificate_decide", self.certificate.pk, self.kind)
        return HttpResponse(
            pdf,
            content_type="application/pdf",
            headers={
                "Content-Disposition": 'inline; filename="xem-truoc.pdf"',
                "Cache-Control": "private, no-store",
            },
        )


class EntryFile(PermissionCheckedMixin, View):
    """The file of a number, also of one that was superseded or taken back."""

    model = RegisterEntry
    permission_required = "view"

    def get(self, request: HttpRequest, entry_id: int) -> FileResponse:
        found = RegisterEntry.objects.papered().filter(on_paper=False).select_related("register")
        return views.send_file(get_object_or_404(found, pk=entry_id))


_VERBS = {
    Kind.REISSUE: deciding.reissue,
    Kind.REVOKE: deciding.revoke,
    Kind.VOID: deciding.void,
}
_PRINTED = {
    "full_name": gettext_lazy("Full name"),
    "date_of_birth": gettext_lazy("Date of birth"),
    "workplace": gettext_lazy("Workplace"),
    "course_title": gettext_lazy("Course title as printed"),
    "valid_until": gettext_lazy("Valid until"),
    "issued_on": gettext_lazy("Issued on"),
    "issuing_body": gettext_lazy("Issuing body"),
    "signer_title": gettext_lazy("Signer's title"),
    "signer_name": gettext_lazy("Signed by"),
}


def _day(value: Any) -> Any:
    try:
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    except (TypeError, ValueError):
        return value or "–"


def offered(certificate: Certificate, user: Any) -> list[tuple[str, str]]:
    """The decisions that can be taken now, as (address, words)."""
    entry = deciding.standing(certificate)
    if entry is None or not user.has_perm("certificates.add_registerentry"):
        return []
    found = []
    for kind, title in TITLES.items():
        try:
            deciding.check(kind=kind, entry=entry, at=timezone.now())
        except CannotDecide:
            continue
        address = reverse("certificate_decide", args=[certificate.pk, kind.value])
        found.append((address, str(title)))
    return found


def addresses() -> list[Any]:
    """Wagtail's ``register_admin_urls``."""
    base = "certificates/decide/<int:certificate_id>/<slug:kind>/"
    return [
        path(base, Decide.as_view(), name="certificate_decide"),
        path(f"{base}preview/", Preview.as_view(), name="certificate_decide_preview"),
        path(
            "register_entries/<int:entry_id>/file/", EntryFile.as_view(), name="register_entry_file"
        ),
    ]
