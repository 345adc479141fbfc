from typing import Any

from django.http import HttpRequest
from django.urls import URLPattern, URLResolver, include, path, reverse_lazy
from django.utils.translation import gettext_lazy as _
from wagtail import hooks
from wagtail.admin.menu import MenuItem


class CountsMenuItem(MenuItem):
    def is_shown(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm("reports.view_fact"))


@hooks.register("register_admin_urls")
def register_counts() -> list[URLPattern | URLResolver]:
    return [path("counts/", include("reports.urls"))]


@hooks.register("register_admin_menu_item")
def register_counts_menu_item() -> Any:
    return CountsMenuItem(
        _("Counts"), reverse_lazy("reports:counts"), name="counts", icon_name="table", order=50
    )
