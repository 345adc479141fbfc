"""Menus without what a role has no use for."""

from typing import Any

from people.staff_access import may_read_history

# About pages as such; what is taught and counted has its own listings.
_FOR_ADMINISTRATORS = {
    "aging-pages",
    "locked-pages",
    "page-types-usage",
    "workflow-tasks",
    "workflows",
}


def shorten_main(request: Any, items: list[Any]) -> None:
    """Wagtail's ``construct_main_menu``: its help is in English and about Wagtail."""
    if not request.user.is_superuser:
        items[:] = [item for item in items if item.name != "help"]


def shorten_reports(request: Any, items: list[Any]) -> None:
    """Wagtail's ``construct_reports_menu``."""
    hidden = set() if request.user.is_superuser else set(_FOR_ADMINISTRATORS)
    if not may_read_history(request.user):
        hidden.add("site-history")
    items[:] = [item for item in items if item.name not in hidden]
