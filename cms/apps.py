from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    name = "cms"
    verbose_name = _("Site content")

    def ready(self) -> None:
        from cms import editing

        post_migrate.connect(
            editing.grant, sender=apps.get_app_config("wagtailcore"), dispatch_uid="cms.editing"
        )
