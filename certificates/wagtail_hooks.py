from wagtail import hooks

from certificates import holding, home_panels
from certificates.viewsets import CertificatesGroup

hooks.register("enrolment_notice", holding.notice)
hooks.register("register_admin_viewset", CertificatesGroup)
hooks.register("construct_homepage_panels", home_panels.add_panel)
