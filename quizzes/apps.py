from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuizzesConfig(AppConfig):
    name = "quizzes"
    verbose_name = _("Quizzes")

    def ready(self) -> None:
        from jobs import progress, sweeps
        from people import roles
        from people.roles import Role
        from quizzes import accommodating, attempts, regrade_work

        progress.register(regrade_work.KIND, regrade_work.regrade_batch)
        sweeps.register("quizzes.deadlines", accommodating.catch_up)
        sweeps.register("quizzes.overdue_attempts", attempts.finish_overdue)
        for role in (Role.TRAINER, Role.DOST_OFFICER):
            roles.declare(
                role,
                "quizzes.view_questionbank",
                "quizzes.add_questionbank",
                "quizzes.change_questionbank",
                "quizzes.view_question",
                "quizzes.add_question",
                "quizzes.change_question",
                "quizzes.view_quiz",
                "quizzes.add_quiz",
                "quizzes.change_quiz",
                "quizzes.view_markingtask",
                "quizzes.change_markingtask",
                "quizzes.view_attempt",
                "quizzes.change_attempt",
                "quizzes.view_accommodation",
                "quizzes.add_accommodation",
                "quizzes.change_accommodation",
            )
        roles.declare(Role.DOST_OFFICER, "quizzes.manage_all_banks")
