"""Where the staff's pages of class meetings lie in the admin, and the link to them from a run."""

from typing import Any

from django.urls import include, path, reverse
from django.utils.translation import gettext as _

from courses.asking import RunLink
from courses.models import CourseRun


def addresses() -> list[Any]:
    """Wagtail's ``register_admin_urls``."""
    return [path("runs/<int:run_id>/meetings/", include("courses.attendance.staff_urls"))]


def links(run: CourseRun, user: Any) -> list[RunLink]:
    """Hook ``run_links``: meetings are planned in a draft already."""
    if not user.has_perm("courses.change_courserun"):
        return []
    return [RunLink(_("Class meetings"), reverse("meetings:index", args=[run.pk]), "date")]
