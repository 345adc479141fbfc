"""Beneath the admin's addresses."""

from django.urls import path

from courses.paper.admin_views import CorrectSheet, Grid, PaperTests, Scan, Template

app_name = "paper"
urlpatterns = [
    path("<int:run_id>/", PaperTests.as_view(), name="index"),
    path("<int:run_id>/<int:assessment_id>/", Grid.as_view(), name="grid"),
    path("<int:run_id>/<int:assessment_id>/workbook/", Template.as_view(), name="workbook"),
    path("<int:run_id>/sheet/<int:result_sheet_id>/", CorrectSheet.as_view(), name="correct"),
    path("<int:run_id>/scan/<int:result_sheet_id>/", Scan.as_view(), name="scan"),
]
