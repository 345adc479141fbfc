from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CoursesConfig(AppConfig):
    name = "courses"
    verbose_name = _("Courses")

    def ready(self) -> None:
        from courses import reevaluating
        from courses.correspondence import digesting, reminding, telling, writing
        from courses.lists import undoing, working
        from jobs import progress, sweeps
        from people import roles
        from people.roles import Role

        progress.register(writing.KIND, writing.queue_batch)
        progress.register(working.KIND, working.enrol_batch)
        progress.register(undoing.KIND, undoing.undo_batch)
        sweeps.register("courses.reminders", reminding.remind_due)
        sweeps.register("courses.unsettled_runs", reevaluating.unsettled)
        sweeps.register("courses.requests", telling.tell_decided)
        sweeps.register("courses.digests", digesting.digest_due)
        for role in (Role.TRAINER, Role.DOST_OFFICER):
            roles.declare(role, "courses.view_runquestion", "courses.change_runquestion")
            roles.declare(
                role,
                "courses.view_assessment",
                "courses.add_assessment",
                "courses.change_assessment",
                "courses.view_assignment",
                "courses.add_assignment",
                "courses.change_assignment",
                "courses.view_submission",
            )
        for role in (Role.FOCAL_POINT, Role.DOST_OFFICER):
            roles.declare(role, "courses.view_enrolmentrequest", "courses.change_enrolmentrequest")
            roles.declare(role, "courses.view_enrolmentlist", "courses.add_enrolmentlist")
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
            "courses.view_evidenceconflict",
            "courses.change_evidenceconflict",
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
