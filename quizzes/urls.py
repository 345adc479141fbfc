from django.urls import path

from quizzes import views

app_name = "quizzes"
urlpatterns = [
    path("hoc-tap/<int:enrolment_id>/kiem-tra/<int:quiz_id>/", views.quiz, name="quiz"),
    path("hoc-tap/<int:enrolment_id>/kiem-tra/<int:quiz_id>/bat-dau/", views.start, name="start"),
    path("lan-thi/<int:attempt_id>/", views.attempt, name="attempt"),
    path("lan-thi/<int:attempt_id>/ket-qua/", views.result, name="result"),
]
