"""The API, version 1."""

from django.urls import path

from certificates.api import LookUpView
from courses.api import WatchingView
from courses.attendance.api import CheckInView
from quizzes.api import AnswersView, AttemptView, StartView, SubmitView
from quizzes.reading_api import OpenQuizzesView, ResultView, ReviewView

app_name = "api"
urlpatterns = [
    path(
        "enrolments/<int:enrolment_id>/lessons/<int:page_id>/watching/",
        WatchingView.as_view(),
        name="watching",
    ),
    path(
        "enrolments/<int:enrolment_id>/meetings/<int:meeting_id>/check-in/",
        CheckInView.as_view(),
        name="check_in",
    ),
    path("certificates/look-up/", LookUpView.as_view(), name="look_up"),
    path("quizzes/", OpenQuizzesView.as_view(), name="quizzes"),
    path("quizzes/<int:quiz_id>/attempts/", StartView.as_view(), name="start"),
    path("attempts/<int:attempt_id>/", AttemptView.as_view(), name="attempt"),
    path("attempts/<int:attempt_id>/answers/", AnswersView.as_view(), name="answers"),
    path("attempts/<int:attempt_id>/submit/", SubmitView.as_view(), name="submit"),
    path("attempts/<int:attempt_id>/result/", ResultView.as_view(), name="result"),
    path("attempts/<int:attempt_id>/review/", ReviewView.as_view(), name="review"),
]
