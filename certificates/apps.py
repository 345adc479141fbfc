from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CertificatesConfig(AppConfig):
    name = "certificates"
    verbose_name = _("Certificates")

    def ready(self) -> None:
        from certificates.issue import batching, correction_mails, issuing
        from certificates.proof import status_lists
        from certificates.register import heads, verifying
        from certificates.signature import outside
        from jobs import progress, sweeps
        from people import roles
        from people.roles import Role

        issuing.connect()
        status_lists.connect()
        sweeps.register("certificates.unfinished", issuing.finish_unfinished)
        sweeps.register("certificates.heads", heads.sign_ended_day)
        sweeps.register("certificates.verification", verifying.begin_nightly)
        sweeps.register("certificates.confirmations", correction_mails.ask_holders)
        progress.register(batching.KIND, batching.ask_for_some)
        for role in (Role.DOST_OFFICER, Role.FOCAL_POINT):
            roles.declare(role, "certificates.view_correction", "certificates.change_correction")
        progress.register(outside.KIND, outside.carry_on)
        roles.declare(
            Role.DOST_OFFICER,
            "certificates.view_certificate",
            "certificates.add_certificate",
            "certificates.change_certificate",
            "certificates.view_issuebatch",
            "certificates.change_issuebatch",
            "certificates.view_issuelist",
            "certificates.add_issuelist",
            "certificates.view_brake",
            "certificates.add_brake",
            "certificates.change_brake",
            "certificates.view_unsignedfile",
            "certificates.view_registerentry",
            "certificates.add_registerentry",
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
