"""Pages of counts; Wagtail puts them under ``/admin/`` and lets only staff in."""

from django.urls import path

from reports.dashboard import AgenciesView, CountsView
from reports.over_facts import OverFacts
from reports.rows import CertifiedView, PersonsView, PersonView, TurnsView

PAGES: dict[str, type[OverFacts]] = {
    "": CountsView,
    "agencies/": AgenciesView,
    "turns/": TurnsView,
    "persons/": PersonsView,
    "persons/<int:person_id>/": PersonView,
    "certified/": CertifiedView,
}

app_name = "reports"
urlpatterns = []
for route, view in PAGES.items():
    urlpatterns += [
        path(route, view.as_view(), name=view.url_name),
        path(
            f"{route}results/",
            view.as_view(results_only=True),
            name=f"{view.url_name}_results",
        ),
    ]
