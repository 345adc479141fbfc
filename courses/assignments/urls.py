"""Beneath the admin's addresses."""

from django.urls import path

from courses.assignments.admin_views import HandedInFile, Marking, RunAssignments

app_name = "assignments"
urlpatterns = [
    path("<int:run_id>/", RunAssignments.as_view(), name="run"),
    path("<int:run_id>/<int:submission_id>/", Marking.as_view(), name="mark"),
    path("<int:run_id>/file/<int:file_id>/", HandedInFile.as_view(), name="file"),
]
