"""The designer of templates: numbers for every field, and a sheet on which they can be moved."""

import base64
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import TemplateView, View
from wagtail.admin import messages
from wagtail.admin.ui.tables import Column
from wagtail.admin.views.generic import WagtailAdminTemplateMixin
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.log_actions import log

from certificates.models import CertificateTemplate, TemplateVersion
from certificates.paper import designing, layout, retiring, trying
from certificates.paper.designer_forms import BeginForm, FieldForms, SheetForm, blank, collect
from certificates.paper.designing import CannotPublish
from certificates.paper.layout import LayoutRefused
from certificates.paper.rendering import RenderingError
from certificates.paper.retiring import InUse
from jobs.staff_views import ScopedAdding, ScopedListing, SharedViewSet


class TemplatePage(PermissionCheckedMixin):
    """What is about one template; for those who may change it."""

    model = CertificateTemplate
    permission_required = "change"
    template: CertificateTemplate

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        found = CertificateTemplate.objects.select_related("published", "retired_by__person")
        self.template = get_object_or_404(found, pk=kwargs["pk"])

    def version(self, number: int) -> TemplateVersion:
        version: TemplateVersion = get_object_or_404(self.template.versions, number=number)
        return version

    def read(self, request: HttpRequest) -> tuple[SheetForm, Any]:
        """The forms as they were sent."""
        return (
            SheetForm(request.POST, template=self.template),
            FieldForms(request.POST, prefix="field"),
        )

    def try_out(self, data: dict[str, Any]) -> tuple[str, list[str]]:
        """The picture of a design as an address that holds it, and its problems in words."""
        found = layout.parse(data)
        problems: list[str] = []
        try:
            layout.check(found)
        except LayoutRefused as refused:
            problems = refused.problems
            found = layout.sound_part(found)
        try:
            design = designing.open_design(found)
            language = self.template.language
            trial = trying.try_out(design=design, language=language, problems=problems)
        except RenderingError as refused:
            return "", [*problems, str(refused)]
        picture = base64.b64encode(trial.png).decode()
        return f"data:image/png;base64,{picture}", trial.problems


class Designer(TemplatePage, WagtailAdminTemplateMixin, TemplateView):
    """POST adds a field, shows what was typed, or saves it as a version."""

    page_title = gettext_lazy("Design")
    header_icon = "edit"
    template_name = "certificates/admin/designer.html"

    def get_page_subtitle(self) -> str:
        return str(self.template)

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        templates = (reverse("certificate_templates:index"), _("Certificate templates"))
        trail = [templates, ("", str(self.template))]
        return [*self.breadcrumbs_items, *({"url": url, "label": name} for url, name in trail)]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        number = request.GET.get("version", "")
        versions = self.template.versions.order_by("-number")
        version = self.version(int(number)) if number.isdecimal() else versions[0]
        return self._show(version.layout, opened=version)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        sheet, fields = self.read(request)
        if not (sheet.is_valid() and fields.is_valid()):
            problems = [_("Some of what was typed cannot be used: it says so beside it.")]
            return self._answer(sheet, fields, picture="", problems=problems, status=422)
        data, name = collect(sheet, fields), sheet.cleaned_data["name"]
        if kind := request.POST.get("add"):
            if kind in layout.KINDS:
                data["fields"].append(blank(kind, data["fields"]))
            return self._show(data, name=name, added=True)
        if "save" not in request.POST:
            return self._show(data, name=name)
        return self._save(data, name)

    def _save(self, data: dict[str, Any], name: str) -> HttpResponse:
        try:
            version = designing.save_version(
                template_id=self.template.pk,
                design=layout.read(data),
                at=timezone.now(),
                by=self.request.user,
            )
        except LayoutRefused:
            return self._show(data, name=name, refused=True)
        designing.rename(template_id=self.template.pk, name=name)
        log(instance=self.template, action="wagtail.edit", user=self.request.user)
        messages.success(
            self.request,
            _("Kept as version %(number)s. New certificates take it when it is published.")
            % {"number": version.number},
        )
        return redirect("certificate_templates:design", self.template.pk)

    def _show(
        self,
        data: dict[str, Any],
        *,
        name: str = "",
        opened: TemplateVersion | None = None,
        added: bool = False,
        refused: bool = False,
    ) -> HttpResponse:
        sheet = SheetForm(
            template=self.template,
            initial={
                "name": name or self.template.name,
                "kept_background": data["background"],
                "ornament": data["ornament"],
            },
        )
        fields = FieldForms(prefix="field", initial=data["fields"])
        picture, problems = self.try_out(data)
        return self._answer(
            sheet,
            fields,
            picture=picture,
            problems=problems,
            status=422 if refused else 200,
            opened=opened,
            added=added,
            refused=refused,
        )

    def _answer(
        self, sheet: SheetForm, fields: Any, *, status: int = 200, **context: Any
    ) -> HttpResponse:
        everything = self.get_context_data(
            sheet=sheet,
            fields=fields,
            template=self.template,
            kinds=layout.KINDS.items(),
            versions=self.template.versions.select_related("created_by"),
            rules=self.template.rules.order_by("printed_title", "pk"),
            media=sheet.media + fields.media,
            **context,
        )
        return self.render_to_response(everything, status=status)


class Preview(TemplatePage, View):
    """The picture of what stands in the form just now, for the live sheet; nothing is saved."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        sheet, fields = self.read(request)
        if not (sheet.is_valid() and fields.is_valid()):
            wrong = [
                f"{form['name'].value()}: {form[name].label}: {errors.as_text()}"
                for form in fields
                for name, errors in form.errors.items()
                if name in form.fields
            ]
            wrong += [errors.as_text() for errors in sheet.errors.values()]
            return JsonResponse({"picture": "", "problems": wrong})
        picture, problems = self.try_out(collect(sheet, fields))
        return JsonResponse({"picture": picture, "problems": problems})


class Publish(TemplatePage, View):
    """From now on, new certificates take this version."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        version = self.version(kwargs["version_number"])
        try:
            designing.publish(version_id=version.pk)
        except CannotPublish as refused:
            reason = " ".join(refused.problems)
            messages.error(
                request, _("Not published. %(reason)s Nothing was changed.") % {"reason": reason}
            )
        else:
            log(
                instance=self.template,
                action="wagtail.edit",
                user=request.user,
                data={"published": version.number},
            )
            messages.success(
                request,
                _("New certificates take version %(number)s from now on.")
                % {"number": version.number},
            )
        return redirect("certificate_templates:design", self.template.pk)


class Retire(TemplatePage, View):
    """POST with ``do``: retire, or back (into use)."""

    http_method_names = ("post",)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        pk, do = self.template.pk, request.POST.get("do")
        try:
            if do == "retire" and retiring.retire(
                template_id=pk, by=request.user, at=timezone.now()
            ):
                self._done({"retired": True}, _("Retired. No issuing rule is offered it any more."))
            elif do == "back" and retiring.take_back(template_id=pk):
                self._done({"retired": False}, _("In use again: issuing rules are offered it."))
        except InUse as reason:
            messages.error(
                request, _("Not done: %(reason)s Nothing was changed.") % {"reason": reason}
            )
        return redirect("certificate_templates:design", pk)

    def _done(self, data: dict[str, Any], words: str) -> None:
        log(instance=self.template, action="wagtail.edit", user=self.request.user, data=data)
        messages.success(self.request, words)


class Specimen(TemplatePage, View):
    """A version with the longest plausible names, as PDF."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        version = self.version(kwargs["version_number"])
        try:
            design = designing.open_design(layout.read(version.layout))
            pdf = trying.specimen(design=design, language=self.template.language)
        except (LayoutRefused, RenderingError) as reason:
            messages.error(request, _("Not done: %(reason)s") % {"reason": reason})
            return redirect("certificate_templates:design", self.template.pk)
        return HttpResponse(
            pdf,
            content_type="application/pdf",
            headers={"Content-Disposition": 'inline; filename="mau.pdf"'},
        )


class TemplateListing(ScopedListing):
    def get_edit_url(self, instance: CertificateTemplate) -> str | None:
        if not self.request.user.has_perm("certificates.change_certificatetemplate"):
            return None
        return reverse("certificate_templates:design", args=[instance.pk])


class TemplateAdding(ScopedAdding):
    def save_instance(self) -> CertificateTemplate:
        created = designing.create_template(
            name=self.form.cleaned_data["name"],
            language=self.form.cleaned_data["language"],
            copied=self.form.version(),
            at=timezone.now(),
            by=self.request.user,
        )
        log(instance=created, action="wagtail.create", user=self.request.user)
        return created

    def get_success_url(self) -> str:
        return reverse("certificate_templates:design", args=[self.object.pk])

    def get_success_buttons(self) -> list[Any]:
        return []


class TemplateViewSet(SharedViewSet):
    model = CertificateTemplate
    name = "certificate_templates"
    icon = "doc-full-inverse"
    index_view_class = TemplateListing
    add_view_class = TemplateAdding
    offers = frozenset({"add"})
    ordering = "name"
    list_related = ("published",)
    list_display = (
        "name",
        "language",
        Column("published", label=gettext_lazy("Published")),
        "retired_at",
    )

    def get_form_class(self, for_update: bool = False) -> Any:
        return BeginForm

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("design/<int:pk>/", Designer.as_view(), name="design"),
            path("design/<int:pk>/preview/", Preview.as_view(), name="preview"),
            path("design/<int:pk>/retire/", Retire.as_view(), name="retire"),
            path(
                "design/<int:pk>/<int:version_number>/publish/", Publish.as_view(), name="publish"
            ),
            path(
                "design/<int:pk>/<int:version_number>/specimen/",
                Specimen.as_view(),
                name="specimen",
            ),
        ]
