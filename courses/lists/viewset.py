"""The staff's listing of enrolment lists: one's own, or all of them for DOST officers."""

from typing import Any

from django.db.models import Count, QuerySet
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from wagtail.admin.ui.tables import Column
from wagtail.admin.widgets.button import HeaderButton

from courses.lists.staff_views import ListPage, Receive, Report
from courses.models import EnrolmentList
from jobs.staff_views import ScopedListing, ScopedViewSet


class ListListing(ScopedListing):
    def get_base_queryset(self) -> QuerySet[Any]:
        found: QuerySet[Any] = super().get_base_queryset().annotate(number=Count("rows"))
        return found.exclude(state=EnrolmentList.State.DISCARDED)

    @property
    def header_buttons(self) -> list[Any]:
        return [
            HeaderButton(
                _("Enrol by a list"), url=reverse("enrolment_lists:receive"), icon_name="plus"
            )
        ]


class EnrolmentListViewSet(ScopedViewSet):
    model = EnrolmentList
    name = "enrolment_lists"
    icon = "list-ul"
    index_view_class = ListListing
    inspect_view_class = ListPage
    inspect_template_name = "courses/lists/list.html"
    offers = frozenset({"inspect"})
    ordering = "-received_at"
    list_related = ("run", "received_by__person")
    plain_fields = ("name", "run__name")
    list_display = (
        "name",
        "run",
        Column("number", label=_("Rows")),
        "state",
        "received_by",
        "received_at",
    )
    inspect_view_fields = ("name", "run", "received_by", "received_at", "state")

    def get_urlpatterns(self) -> list[URLPattern]:
        return [
            *super().get_urlpatterns(),
            path("receive/", Receive.as_view(), name="receive"),
            path("report/<int:pk>/", Report.as_view(), name="report"),
        ]
