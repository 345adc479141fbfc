"""Where the staff's pages of printed tests lie in the admin, and the link to them from a run."""

from typing import Any

from django.urls import include, path, reverse
from django.utils.translation import gettext as _

from courses.asking import RunLink
from courses.models import CourseRun


def addresses() -> list[Any]:
    """Wagtail's ``register_admin_urls``."""
    return [path("runs/<int:run_id>/printed/", include("quizzes.printed.staff_urls"))]


def links(run: CourseRun, user: Any) -> list[RunLink]:
    """Hook ``run_links``: nothing for a draft, in which nobody learns yet."""
    if run.state == CourseRun.State.DRAFT or not user.has_perm("courses.change_courserun"):
        return []
    return [RunLink(_("Printed tests"), reverse("printed:index", args=[run.pk]), "doc-full")]
