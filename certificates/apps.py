from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        from certificates import issuing
        from jobs import sweeps
        from people import roles
        from people.roles import Role

        issuing.connect()
        sweeps.register("certificates.unfinished", issuing.finish_unfinished)
        roles.declare(
            Role.DOST_OFFICER,
            "certificates.view_certificate",
            "certificates.add_certificate",
            "certificates.view_registerentry",
            "certificates.view_register",
            "certificates.add_register",
            "certificates.change_register",
            "certificates.view_issuingrule",
            "certificates.add_issuingrule",
            "certificates.change_issuingrule",
            "certificates.view_certificatetemplate",
            "certificates.add_certificatetemplate",
            "certificates.change_certificatetemplate",
        )
