from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from people import roles
        from people.roles import Role
        from reports import recording

        recording.connect()
        roles.declare(Role.FOCAL_POINT, "reports.view_fact")
        roles.declare(Role.DOST_OFFICER, "reports.view_fact", "reports.view_all_facts")
