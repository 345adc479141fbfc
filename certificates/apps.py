from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        from certificates import issuing, outside
        from jobs import progress, sweeps
        from people import roles
        from people.roles import Role

        issuing.connect()
        sweeps.register("certificates.unfinished", issuing.finish_unfinished)
        progress.register(outside.KIND, outside.carry_on)
        roles.declare(
            Role.DOST_OFFICER,
            "certificates.view_certificate",
            "certificates.add_certificate",
            "certificates.view_unsignedfile",
            "certificates.view_registerentry",
            "certificates.view_register",
            "certificates.add_register",
            "certificates.change_register",
            "certificates.view_issuingrule",
            "certificates.add_issuingrule",
            "certificates.change_issuingrule",
        )
