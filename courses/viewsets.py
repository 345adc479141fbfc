"""The staff's listing of courses, and the menu of all that belongs to training."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import ObjectList
from wagtail.admin.viewsets.model import ModelViewSetGroup

from courses import perms
from courses.assignments.viewsets import AssignmentViewSet, QueueViewSet
from courses.conflict_viewset import ConflictViewSet
from courses.correspondence.question_viewset import QuestionViewSet
from courses.enrolment_viewset import EnrolmentViewSet
from courses.forms import CourseForm
from courses.lists.viewset import EnrolmentListViewSet
from courses.models import Course
from courses.paper.viewsets import PaperTestViewSet
from courses.request_viewset import RequestViewSet
from courses.rule_fields import NAMES
from courses.run_viewset import RunViewSet
from jobs.staff_views import TICKED, ScopedViewSet, fields


class CourseViewSet(ScopedViewSet):
    model = Course
    name = "courses_taught"
    url_prefix = "courses"
    icon = "doc-full"
    offers = frozenset({"add", "edit", "history"})
    list_related = ("edition",)
    plain_fields = ("code", "title")
    list_filter = ("kind", "edition")
    list_display = ("title", "code", "kind", "edition", "hours")
    edit_handler = ObjectList(
        fields(
            "code",
            "title",
            "kind",
            "edition",
            "hours",
            "prerequisites",
            "watched_percent",
            *NAMES,
            "teachers",
            prerequisites=TICKED,
        ),
        base_form_class=CourseForm,
    )

    def rows(self, user: Any) -> QuerySet[Course]:
        return perms.managed_courses(user=user)


class TrainingGroup(ModelViewSetGroup):
    menu_label = _("Training")
    menu_icon = "openquote"
    menu_order = 110
    items = (
        CourseViewSet,
        RunViewSet,
        EnrolmentViewSet,
        RequestViewSet,
        EnrolmentListViewSet,
        QuestionViewSet,
        PaperTestViewSet,
        AssignmentViewSet,
        QueueViewSet,
        ConflictViewSet,
    )
