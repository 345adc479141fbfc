"""Beneath a run in the admin: the namespace ``printed``."""

from django.urls import path

from quizzes.printed import staff_views

app_name = "printed"
urlpatterns = [
    path("", staff_views.PrintedTests.as_view(), name="index"),
    path("<int:printed_test_id>/", staff_views.Answers.as_view(), name="answers"),
    path("<int:printed_test_id>/workbook/", staff_views.Template.as_view(), name="workbook"),
    path("<int:printed_test_id>/papers/", staff_views.Papers.as_view(), name="papers"),
    path(
        "<int:printed_test_id>/papers/<int:printed_variant_id>/",
        staff_views.Papers.as_view(),
        name="paper",
    ),
    path("<int:printed_test_id>/again/", staff_views.GradeAgain.as_view(), name="again"),
    path("<int:printed_test_id>/keys/", staff_views.Keys.as_view(), name="keys"),
]
