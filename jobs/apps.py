from django.apps import AppConfig
from django.core import checks
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Jobs")

    def ready(self) -> None:
        from wagtail.admin.forms.models import register_form_field_override
        from wagtail.admin.widgets import AdminAutoHeightTextInput

        from jobs import append_only, mailing, progress, storage_check, sweeps
        from vietnamese.fields import NFCTextField

        # Wagtail gives its growing box to Django's own TextField only.
        register_form_field_override(NFCTextField, override={"widget": AdminAutoHeightTextInput})
        checks.register(storage_check.check_store, "files", deploy=True)
        sweeps.register("jobs.mails", mailing.send_due)
        sweeps.register("jobs.old_mails", mailing.forget_old)
        sweeps.register("jobs.work", progress.go_on_where_it_stands_still)
        post_migrate.connect(append_only.install_for, sender=None, dispatch_uid="append_only")
