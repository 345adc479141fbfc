"""What every page of counts stands on: the facts one may see, under the address's conditions."""

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.forms import Media
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from wagtail.admin.views.generic.base import BaseListingView
from wagtail.admin.views.generic.permissions import PermissionCheckedMixin
from wagtail.admin.widgets.button import HeaderButton
from wagtail.permission_policies import ModelPermissionPolicy

from jobs.spreadsheets import SafeSpreadsheetMixin
from reports.filters import FactFilterSet
from reports.models import Fact, FactQuerySet
from reports.tables import rows_url


class OverFacts(SafeSpreadsheetMixin, PermissionCheckedMixin, BaseListingView):
    """A page over the facts that ``request.user`` may see, under the conditions of the address."""

    permission_policy = ModelPermissionPolicy(Fact)
    permission_required = "view"
    filterset_class = FactFilterSet
    results_template_name = "reports/rows_results.html"
    header_icon = "table"
    FORMATS = (SafeSpreadsheetMixin.FORMAT_XLSX,)
    url_name = ""

    @cached_property
    def facts(self) -> FactQuerySet:
        """Raises Http404 on a condition that names nothing, or something of another agency."""
        if not self.filters.is_valid():
            raise Http404
        facts: FactQuerySet = self.filters.filter_queryset(
            Fact.objects.visible_to(self.request.user)
        )
        return facts

    @cached_property
    def conditions(self) -> dict[str, str]:
        """What restricts the facts, as it stands in the address."""
        given = self.request.GET
        return {name: given[name] for name in self.filters.filters if given.get(name)}

    def filter_queryset(self, queryset: Any) -> Any:
        return queryset  # it is made of ``facts``, which are filtered

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        self.object_list = self.get_queryset()
        context = self.get_context_data()
        if self.is_export:
            return self.as_spreadsheet(context["object_list"], self.FORMAT_XLSX)
        return self.render_to_response(context)

    def get_context_data(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(*args, **kwargs)
        context["media"] += Media(css={"all": ["staff/bars.css", "reports/counts.css"]})
        return context

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        counts = {"url": rows_url("counts", self.conditions), "label": _("Counts")}
        *before, here = super().get_breadcrumbs_items()
        return [*before, here] if self.url_name == "counts" else [*before, counts, here]

    def get_index_url(self) -> str:
        return reverse(f"reports:{self.url_name}", kwargs=self.kwargs)

    def get_index_results_url(self) -> str:
        return reverse(f"reports:{self.url_name}_results", kwargs=self.kwargs)

    @property
    def header_buttons(self) -> list[HeaderButton]:
        return [HeaderButton(_("Download XLSX"), url=self.xlsx_export_url, icon_name="download")]

    @property
    def header_more_buttons(self) -> list[Any]:
        return []

    def get_export_url(self, format: str) -> str:
        asked = self.conditions | {"ordering": self.request.GET.get("ordering", "")}
        given = {name: value for name, value in asked.items() if value}
        return f"{self.index_url}?{urlencode({**given, 'export': format})}"
