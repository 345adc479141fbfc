"""Wagtail's generic views, closed by default: what the model hides from a user is a 404.

Every staff listing of a model is a ``ScopedViewSet``. Unlike Wagtail's own, it offers only the
views that it names, so that nothing (copy, usage, bulk actions, choosers) is open by accident.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms
from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import URLPattern
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from wagtail.admin.panels import FieldPanel
from wagtail.admin.ui.tables import Column
from wagtail.admin.views import generic
from wagtail.admin.views.generic import history
from wagtail.admin.viewsets.model import ModelViewSet

from jobs.spreadsheets import SafeSpreadsheetMixin
from vietnamese.text import fold, nfc

# Wagtail lets a select grow with its longest line, out of a narrow screen.
NARROW = forms.Select(attrs={"class": "w-w-full"})
# A list drops all that was chosen at one wrong click; boxes do not.
TICKED = forms.CheckboxSelectMultiple

Rows = Callable[[Any], QuerySet[Any]]
Labels = Mapping[str, Any]


def fields(*names: str, **widgets: Any) -> list[FieldPanel]:
    """One panel per field; ``widgets`` by name of the field."""
    return [FieldPanel(name, widget=widgets.get(name)) for name in names]


def yes_or_no(value: bool) -> str:
    return _("Yes") if value else _("No")


class YesNoColumn(Column):
    """Yes or no in words, as an inspect page has them; Wagtail's own is read out as “True”."""

    def get_value(self, instance: Any) -> str:
        return yes_or_no(super().get_value(instance))


class ScopedListing(SafeSpreadsheetMixin, generic.IndexView):
    """A listing of the rows shown to a user, searched without diacritics.

    ``folded_fields`` are columns that hold folded text; ``plain_fields`` are folded while
    searching, which is for some thousand rows at most; ``exact_fields`` hold numbers and codes,
    searched as typed. ``title_sort_key`` orders the first column where that is not the column
    itself (names go by given name). ``labels`` name columns by their fields.
    """

    rows: Rows | None = None
    title_sort_key = ""
    list_related: tuple[str, ...] = ()
    folded_fields: tuple[str, ...] = ()
    plain_fields: tuple[str, ...] = ()
    exact_fields: tuple[str, ...] = ()
    labels: Labels | None = None

    @property
    def is_searchable(self) -> bool:
        return bool(self.folded_fields or self.plain_fields)

    @cached_property
    def columns(self) -> list[Any]:
        columns: list[Any] = super().columns
        title = columns[0]
        title.width = "25%"
        # A press on a title shows the thing where that is offered; the menu beside it edits.
        title._get_url_func = lambda row: self.get_inspect_url(row) or self.get_edit_url(row)
        if self.title_sort_key:
            title.sort_key = self.title_sort_key
        for column in columns:
            column.label = (self.labels or {}).get(column.name, column.label)
        return columns

    def get_heading(self, queryset: QuerySet[Any], field: str) -> str:
        label = (self.labels or {}).get(field)
        return str(label) if label else str(super().get_heading(queryset, field))

    def get_base_queryset(self) -> QuerySet[Any]:
        assert self.rows
        found = self.rows(self.request.user)
        return found.select_related(*self.list_related) if self.list_related else found

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows that have every word, each in any of the columns, or the whole as their number."""
        if not self.search_query.strip():
            return queryset
        words = fold(self.search_query).split()
        if self.plain_fields:
            found = _having(queryset, words, (*self.plain_fields, *self.folded_fields))
        else:
            found = Q()
            for word in words:
                found &= _any(self.folded_fields, "contains", word)
        typed = nfc(self.search_query).strip()
        return queryset.filter(found | _any(self.exact_fields, "icontains", typed))


def _any(columns: tuple[str, ...], lookup: str, text: str) -> Q:
    found = Q(pk__in=[])
    for column in columns:
        found |= Q(**{f"{column}__{lookup}": text})
    return found


def _having(queryset: QuerySet[Any], words: list[str], columns: tuple[str, ...]) -> Q:
    keys = []
    for key, *texts in queryset.order_by().values_list("pk", *columns):
        folded = fold(" ".join(text or "" for text in texts))
        if all(word in folded for word in words):
            keys.append(key)
    return Q(pk__in=keys)


class ScopedAdding(generic.CreateView):
    pass


class ScopedEditing(generic.EditView):
    rows: Rows | None = None

    def get_queryset(self) -> QuerySet[Any]:
        assert self.rows
        return self.rows(self.request.user)


class ScopedDeleting(generic.DeleteView):
    rows: Rows | None = None

    def get_queryset(self) -> QuerySet[Any]:
        assert self.rows
        return self.rows(self.request.user)


class ScopedHistory(history.HistoryView):
    rows: Rows | None = None

    def get_base_object_queryset(self) -> QuerySet[Any]:
        assert self.rows
        return self.rows(self.request.user)


class ScopedInspecting(generic.InspectView):
    rows: Rows | None = None
    labels: Labels | None = None

    def get_object(self, queryset: Any = None) -> Any:
        assert self.rows
        return get_object_or_404(self.rows(self.request.user), pk=self.pk)

    def get_field_label(self, field_name: str, field: Any) -> Any:
        label = (self.labels or {}).get(field_name)
        return label or super().get_field_label(field_name, field)

    def get_field_display_value(self, field_name: str, field: Any) -> Any:
        value = super().get_field_display_value(field_name, field)
        if isinstance(value, datetime):
            return timezone.localtime(value)  # the template's ``localize`` leaves it in UTC
        if isinstance(value, bool):
            return yes_or_no(value)
        if isinstance(value, int):
            return str(value)  # years and places in a row are not counts: no points in them
        return "–" if value is None or value == "" else value


class ScopedViewSet(ModelViewSet):
    """A listing with the views named in ``offers``: add, edit, delete, history, inspect."""

    index_view_class = ScopedListing
    add_view_class = ScopedAdding
    edit_view_class = ScopedEditing
    delete_view_class = ScopedDeleting
    history_view_class = ScopedHistory
    inspect_view_class = ScopedInspecting
    # The index of references would be written at every save; nothing here asks it.
    add_to_reference_index = False
    copy_view_enabled = False
    sort_order_field = None
    list_per_page = 50
    offers: ClassVar[frozenset[str]] = frozenset()
    list_related: ClassVar[tuple[str, ...]] = ()
    folded_fields: ClassVar[tuple[str, ...]] = ()
    plain_fields: ClassVar[tuple[str, ...]] = ()
    exact_fields: ClassVar[tuple[str, ...]] = ()
    labels: ClassVar[Labels] = {}

    @property
    def inspect_view_enabled(self) -> bool:
        return "inspect" in self.offers

    def rows(self, user: Any) -> QuerySet[Any]:
        """What the user may see."""
        found: QuerySet[Any] = self.model._default_manager.visible_to(user)
        return found

    def get_form_class(self, for_update: bool = False) -> Any:
        """None where nothing is entered; Wagtail asks before it knows which views are offered."""
        if not self.offers & {"add", "edit"}:
            return None
        return super().get_form_class(for_update=for_update)

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        closed = {"add", "edit", "delete", "history", "usage", "inspect"} - self.offers
        names: dict[str, Any] = super().get_common_view_kwargs(**kwargs)
        shut = {f"{view}_url_name": None for view in closed}
        return names | shut | {"rows": self.rows, "labels": self.labels}

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        options: dict[str, Any] = super().get_index_view_kwargs(**kwargs)
        for name in ("list_related", "folded_fields", "plain_fields", "exact_fields"):
            options[name] = getattr(self, name)
        return options

    def get_urlpatterns(self) -> list[URLPattern]:
        offered = {"index", "index_results"} | self.offers
        if "history" in offered:
            offered.add("history_results")
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in offered]

    def register_admin_url_finder(self) -> None:
        if "edit" in self.offers:
            super().register_admin_url_finder()


class SharedViewSet(ScopedViewSet):
    """For models that hold nothing private: who has the permission sees every row."""

    def rows(self, user: Any) -> QuerySet[Any]:
        found: QuerySet[Any] = self.model._default_manager.all()
        return found
