"""The API, version 1."""

from django.urls import path

from courses.api import WatchingView
from quizzes.api import AnswersView, AttemptView, StartView, SubmitView

app_name = "api"
urlpatterns = [
    path(
        "enrolments/<int:enrolment_id>/lessons/<int:page_id>/watching/",
        WatchingView.as_view(),
        name="watching",
    ),
    path("quizzes/<int:quiz_id>/attempts/", StartView.as_view(), name="start"),
    path("attempts/<int:attempt_id>/", AttemptView.as_view(), name="attempt"),
    path("attempts/<int:attempt_id>/answers/", AnswersView.as_view(), name="answers"),
    path("attempts/<int:attempt_id>/submit/", SubmitView.as_view(), name="submit"),
]
