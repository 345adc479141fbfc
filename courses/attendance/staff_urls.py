"""The staff's addresses, beneath a run in the admin: the namespace ``meetings``."""

from django.urls import path

from courses.attendance import screen, staff_views

app_name = "meetings"
urlpatterns = [
    path("", staff_views.Meetings.as_view(), name="index"),
    path("add/", staff_views.AddMeeting.as_view(), name="add"),
    path("<int:meeting_id>/edit/", staff_views.EditMeeting.as_view(), name="edit"),
    path("<int:meeting_id>/cancel/", staff_views.CancelMeeting.as_view(), name="cancel"),
    path("<int:meeting_id>/roster/", staff_views.Roster.as_view(), name="roster"),
    path("<int:meeting_id>/sheet/", staff_views.PrintSheet.as_view(), name="sheet"),
    path("<int:meeting_id>/scan/<int:sheet_id>/", staff_views.Scan.as_view(), name="scan"),
    path("<int:meeting_id>/screen/", screen.Screen.as_view(), name="screen"),
    path("<int:meeting_id>/screen/code/", screen.Code.as_view(), name="code"),
]
