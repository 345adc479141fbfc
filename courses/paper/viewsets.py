"""The staff's listing of tests that are held on paper only, and setting them."""

from typing import Any

from django.db.models import QuerySet
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import ObjectList

from courses import perms
from courses.models import Assessment
from jobs.staff_views import NARROW, ScopedViewSet, YesNoColumn, fields


def only_on_paper() -> QuerySet[Assessment]:
    """Assessments that nothing else judges: whatever does points to its assessment one to one."""
    judges = [one.name for one in Assessment._meta.related_objects if one.one_to_one]
    return Assessment.objects.filter(**{f"{name}__isnull": True for name in judges})


class PaperTestForm(WagtailAdminModelForm):
    """A test of a course that one teaches; it stays with its course."""

    class Meta:
        model = Assessment
        fields = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["course"].queryset = perms.managed_courses(user=self.for_user)
        self.fields["course"].required = True
        self.fields["course"].disabled = bool(self.instance.pk)


class PaperTestViewSet(ScopedViewSet):
    model = Assessment
    name = "paper_tests"
    url_prefix = "paper-tests"
    menu_label = _("Paper tests")
    icon = "form"
    offers = frozenset({"add", "edit", "history"})
    ordering = "title"
    list_related = ("course",)
    plain_fields = ("title",)
    list_display = (
        "title",
        "course",
        YesNoColumn("required", label=capfirst(_("required for completion")), sort_key="required"),
        "pass_percent",
    )
    edit_handler = ObjectList(
        fields("course", "title", "required", "pass_percent", course=NARROW),
        base_form_class=PaperTestForm,
    )

    def rows(self, user: Any) -> QuerySet[Assessment]:
        return only_on_paper().filter(course__in=perms.managed_courses(user=user))
