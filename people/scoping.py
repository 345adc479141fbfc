"""Wagtail's generic views, closed by default: what ``visible_to`` hides is a 404.

Every staff listing of a model is a ``ScopedViewSet``. Unlike Wagtail's own, it offers only the
views that it names, so that nothing (copy, usage, bulk actions, choosers) is open by accident.
"""

from typing import Any, ClassVar

from django.db.models import Q, QuerySet
from django.shortcuts import get_object_or_404
from django.urls import URLPattern
from wagtail.admin.views import generic
from wagtail.admin.views.generic import history
from wagtail.admin.viewsets.model import ModelViewSet

from jobs.spreadsheets import SafeSpreadsheetMixin
from vietnamese.text import fold


def visible(model: Any, user: Any) -> QuerySet[Any]:
    """The rows that the model shows to the user; all of a model that holds nothing private."""
    rows = model._default_manager.all()
    return rows.visible_to(user) if hasattr(rows, "visible_to") else rows  # type: ignore[no-any-return]


class ScopedListing(SafeSpreadsheetMixin, generic.IndexView):
    """A listing of visible rows, searched without diacritics in the columns ``folded_fields``."""

    list_related: ClassVar[tuple[str, ...]] = ()
    folded_fields: ClassVar[tuple[str, ...]] = ()

    @property
    def is_searchable(self) -> bool:
        return bool(self.folded_fields)

    def get_base_queryset(self) -> QuerySet[Any]:
        return visible(self.model, self.request.user).select_related(*self.list_related)

    def search_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Rows that have every word, each in any of the columns."""
        for word in fold(self.search_query).split():
            found = Q()
            for field in self.folded_fields:
                found |= Q(**{f"{field}__contains": word})
            queryset = queryset.filter(found)
        return queryset


class ScopedAdding(generic.CreateView):
    pass


class ScopedEditing(generic.EditView):
    def get_queryset(self) -> QuerySet[Any]:
        return visible(self.model, self.request.user)


class ScopedDeleting(generic.DeleteView):
    def get_queryset(self) -> QuerySet[Any]:
        return visible(self.model, self.request.user)


class ScopedHistory(history.HistoryView):
    def get_base_object_queryset(self) -> QuerySet[Any]:
        return visible(self.model, self.request.user)


class ScopedInspecting(generic.InspectView):
    def get_object(self, queryset: Any = None) -> Any:
        return get_object_or_404(visible(self.model, self.request.user), pk=self.pk)


class ScopedViewSet(ModelViewSet):
    """A listing with the views named in ``offers``: add, edit, delete, history, inspect."""

    index_view_class = ScopedListing
    add_view_class = ScopedAdding
    edit_view_class = ScopedEditing
    delete_view_class = ScopedDeleting
    history_view_class = ScopedHistory
    inspect_view_class = ScopedInspecting
    # The index of references is written at every save; nothing here asks it.
    add_to_reference_index = False
    list_per_page = 50
    offers: ClassVar[frozenset[str]] = frozenset()
    list_related: ClassVar[tuple[str, ...]] = ()
    folded_fields: ClassVar[tuple[str, ...]] = ()

    @property
    def inspect_view_enabled(self) -> bool:
        return "inspect" in self.offers

    copy_view_enabled = False
    sort_order_field = None

    def get_common_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        closed = {"add", "edit", "delete", "history", "usage", "inspect"} - self.offers
        names: dict[str, Any] = super().get_common_view_kwargs(**kwargs)
        return names | {f"{view}_url_name": None for view in closed}

    def get_index_view_kwargs(self, **kwargs: Any) -> dict[str, Any]:
        options: dict[str, Any] = super().get_index_view_kwargs(**kwargs)
        return options | {"list_related": self.list_related, "folded_fields": self.folded_fields}

    def get_urlpatterns(self) -> list[URLPattern]:
        open_ = {"index", "index_results"} | self.offers
        if "history" in open_:
            open_.add("history_results")
        return [pattern for pattern in super().get_urlpatterns() if pattern.name in open_]
