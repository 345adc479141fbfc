from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = _("Courses")

    def ready(self) -> None:
        from people import roles
        from people.roles import Role

        roles.declare(
            Role.TRAINER,
            "courses.view_course",
            "courses.change_course",
            "courses.view_courserun",
            "courses.add_courserun",
            "courses.change_courserun",
            "courses.delete_courserun",
            "courses.view_enrolment",
            "courses.add_clip",
            "courses.change_clip",
        )
        roles.declare(
            Role.DOST_OFFICER,
            "courses.manage_all_runs",
            "courses.view_course",
            "courses.add_course",
            "courses.change_course",
            "courses.view_courserun",
            "courses.add_courserun",
            "courses.change_courserun",
            "courses.delete_courserun",
            "courses.view_enrolment",
            "courses.add_clip",
            "courses.change_clip",
        )
        roles.declare(Role.FOCAL_POINT, "courses.view_enrolment")
