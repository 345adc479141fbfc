from wagtail import hooks

from certificates import candidate_views, holding, home_panels, outside_views
from certificates.viewsets import CertificatesGroup

hooks.register("enrolment_notice", holding.notice)
hooks.register("describe_consequences", holding.consequences)
hooks.register("printed_numbers", holding.numbers)
hooks.register("run_links", candidate_views.links)
hooks.register("register_admin_urls", candidate_views.addresses)
hooks.register("register_admin_viewset", CertificatesGroup)
hooks.register("construct_homepage_panels", home_panels.add_panel)
hooks.register("register_log_actions", outside_views.log_actions)
