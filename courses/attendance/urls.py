"""The learner's addresses; they belong to the namespace ``courses``."""

from django.urls import path, re_path

from courses.attendance import views

urlpatterns = [
    path("hoc-tap/lich.ics", views.calendar_of_all, name="calendar_of_all"),
    path("hoc-tap/<int:enrolment_id>/lich.ics", views.calendar, name="calendar"),
    path("diem-danh/", views.now, name="meetings_now"),
    path("diem-danh/<int:meeting_id>/", views.check_in, name="check_in"),
    re_path(
        r"^diem-danh/(?P<meeting_id>[0-9]{1,18})/(?P<code>[0-9]{6})/$",
        views.open_code,
        name="check_in_code",
    ),
]
