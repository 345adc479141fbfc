"""Every address of the service. Closed by default: what is public says so itself."""

from django.conf.urls.i18n import urlpatterns as language_urls
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from health_check.views import HealthCheckView
from wagtail import views as wagtail_views
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.urls import serve_pattern

from jobs import renditions
from people import staff_access

# One view serves every Wagtail page; ``courses.audience`` asks each page whom it admits.
for public in (
    wagtail_views.serve,
    wagtail_views.authenticate_with_password,
    *(pattern.callback for pattern in language_urls),
):
    login_not_required(public)

health = login_not_required(
    HealthCheckView.as_view(
        checks=[
            "health_check.checks.Database",
            "health_check.checks.Storage",
            "jobs.health.WorkerHeartbeat",
        ]
    )
)
handler404 = "jobs.problems.not_found"
handler500 = "jobs.problems.server_error"
# What the schema describes; Wagtail's own API belongs to its admin.
api = [path("api/v1/", include("config.api"))]
urlpatterns = [
    path("admin/", include(staff_access.addresses())),
    path("admin/", include(wagtailadmin_urls)),
    path("documents/", include(wagtaildocs_urls)),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include(language_urls)),
    path("health/", health, name="health"),
    *api,
    path("api/schema/", SpectacularAPIView.as_view(patterns=api), name="schema"),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(url_name="schema"),
        name="docs",
    ),
    path("", include("people.urls")),
    path("", include("courses.urls")),
    path("", include("quizzes.urls")),
    path("", include("certificates.urls")),
    path(
        "_util/authenticate_with_password/<int:page_view_restriction_id>/<int:page_id>/",
        wagtail_views.authenticate_with_password,
        name="wagtailcore_authenticate_with_password",
    ),
    re_path(r"^media/(?P<path>images/[-\w.]+)$", renditions.show, name="rendition"),
    re_path(serve_pattern, wagtail_views.serve, name="wagtail_serve"),
]
