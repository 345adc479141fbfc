from django.urls import path

from courses import views

app_name = "courses"
urlpatterns = [
    path("catalogue/", views.catalogue, name="catalogue"),
    path("hoc-tap/", views.mine, name="mine"),
    path("hoc-tap/<int:enrolment_id>/", views.enrolment, name="enrolment"),
    path("hoc-tap/<int:enrolment_id>/tiep/", views.next_step, name="next"),
    path("ghi-danh/<int:run_id>/", views.enrol, name="enrol"),
    path("clip/<int:clip_id>/", views.clip, name="clip"),
    path("phu-de/<int:page_id>.vtt", views.captions, name="captions"),
]
