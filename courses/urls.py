from django.urls import include, path

from courses import place_views, views
from courses.assignments import views as assignments
from courses.correspondence import views as correspondence
from courses.survey import views as survey

app_name = "courses"
urlpatterns = [
    path("catalogue/", views.catalogue, name="catalogue"),
    path("hoc-tap/", views.mine, name="mine"),
    path("hoc-tap/<int:enrolment_id>/", views.enrolment, name="enrolment"),
    path("hoc-tap/<int:enrolment_id>/tiep/", views.next_step, name="next"),
    path("hoc-tap/<int:enrolment_id>/hoi/", correspondence.ask, name="ask"),
    path("hoc-tap/<int:enrolment_id>/khao-sat/", survey.survey, name="survey"),
    path(
        "hoc-tap/<int:enrolment_id>/bai-tap/<int:assignment_id>/",
        assignments.assignment,
        name="assignment",
    ),
    path(
        "hoc-tap/<int:enrolment_id>/bai-tap/<int:assignment_id>/nop/",
        assignments.hand_in,
        name="hand_in",
    ),
    path("hoc-tap/<int:enrolment_id>/tep/<int:file_id>/", assignments.file, name="assignment_file"),
    path("ghi-danh/<int:run_id>/", place_views.enrol, name="enrol"),
    path("ghi-danh/yeu-cau/<int:request_id>/rut/", place_views.take_back, name="take_back"),
    path("hoc-tap/<int:enrolment_id>/rut/", place_views.withdraw, name="withdraw"),
    path("", include("courses.attendance.urls")),
    path("clip/<int:clip_id>/", views.clip, name="clip"),
    path("phu-de/<int:page_id>.vtt", views.captions, name="captions"),
]
