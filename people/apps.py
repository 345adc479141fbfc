from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    name = "people"
    verbose_name = _("People")

    def ready(self) -> None:
        from people import roles, sessions
        from people.roles import Role

        post_migrate.connect(roles.grant_declared, dispatch_uid="people.roles")
        sessions.connect()
        for role in Role:
            roles.declare(role, "wagtailadmin.access_admin")
        roles.declare(Role.FOCAL_POINT, "people.view_person")
        roles.declare(
            Role.DOST_OFFICER,
            "people.view_person",
            "people.add_person",
            "people.change_person",
            "people.view_all_people",
        )
        # ``jobs`` and ``agencies`` stand below and know no roles.
        roles.declare(Role.DOST_OFFICER, "jobs.view_mail", "jobs.change_mail")
        for model in (
            "administrativeunit",
            "agency",
            "legaldocument",
            "phase",
            "programme",
            "qualitymanagementsystem",
            "standardedition",
        ):
            for action in ("view", "add", "change"):
                roles.declare(Role.DOST_OFFICER, f"agencies.{action}_{model}")
