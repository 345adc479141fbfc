from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        from certificates import heads, issuing, status_lists, verifying
        from jobs import sweeps
        from people import roles
        from people.roles import Role

        issuing.connect()
        status_lists.connect()
        sweeps.register("certificates.unfinished", issuing.finish_unfinished)
        sweeps.register("certificates.heads", heads.sign_ended_day)
        sweeps.register("certificates.verification", verifying.begin_nightly)
        roles.declare(
            Role.DOST_OFFICER,
            "certificates.view_certificate",
            "certificates.add_certificate",
            "certificates.view_registerentry",
            "certificates.add_registerentry",
            "certificates.view_register",
            "certificates.add_register",
            "certificates.change_register",
            "certificates.view_issuingrule",
            "certificates.add_issuingrule",
            "certificates.change_issuingrule",
        )
