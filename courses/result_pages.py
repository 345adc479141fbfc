"""Where the pages of results lie in the admin, and the links to them from a run."""

from typing import Any

from django.urls import include, path, reverse
from django.utils.translation import gettext as _

from courses.asking import RunLink
from courses.decisions.admin_views import Lists
from courses.models import CourseRun


def addresses() -> list[Any]:
    """Wagtail's ``register_admin_urls``."""
    return [
        path("paper/", include("courses.paper.urls")),
        path("assignments/", include("courses.assignments.urls")),
        path("decisions/<int:run_id>/", Lists.as_view(), name="decision_lists"),
    ]


def links(run: CourseRun, user: Any) -> list[RunLink]:
    """Hook ``run_links``: nothing for a draft, in which nobody learns yet."""
    if run.state == CourseRun.State.DRAFT or not user.has_perm("courses.change_courserun"):
        return []
    return [
        RunLink(_("Paper tests"), reverse("paper:index", args=[run.pk]), "form"),
        RunLink(_("Assignments"), reverse("assignments:run", args=[run.pk]), "edit"),
        RunLink(_("Lists for decisions"), reverse("decision_lists", args=[run.pk]), "list-ol"),
    ]
