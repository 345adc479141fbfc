from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuizzesConfig(AppConfig):
    name = "quizzes"
    verbose_name = _("Quizzes")

    def ready(self) -> None:
        from jobs import sweeps
        from people import roles
        from people.roles import Role
        from quizzes import attempts

        sweeps.register("quizzes.overdue_attempts", attempts.finish_overdue)
        for role in (Role.TRAINER, Role.DOST_OFFICER):
            roles.declare(
                role,
                "quizzes.view_questionbank",
                "quizzes.add_questionbank",
                "quizzes.change_questionbank",
                "quizzes.view_question",
                "quizzes.add_question",
                "quizzes.view_quiz",
                "quizzes.add_quiz",
                "quizzes.change_quiz",
            )
        roles.declare(Role.DOST_OFFICER, "quizzes.manage_all_banks")
