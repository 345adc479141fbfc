from wagtail import hooks

from certificates import home_panels
from certificates.holder import agency_pages, holding
from certificates.issue import candidate_views, correction_viewset
from certificates.register import decision_views
from certificates.register.book import admin_views as book
from certificates.register.legacy import admin_views as legacy
from certificates.signature import outside_views
from certificates.viewsets import CertificatesGroup

hooks.register("enrolment_notice", holding.notice)
hooks.register("describe_consequences", holding.consequences)
hooks.register("printed_numbers", holding.numbers)
hooks.register("run_links", candidate_views.links)
hooks.register("register_admin_urls", candidate_views.addresses)
hooks.register("register_admin_urls", decision_views.addresses)
hooks.register("register_admin_urls", book.addresses)
hooks.register("register_admin_urls", legacy.addresses)
hooks.register("register_log_actions", book.log_actions)
hooks.register("register_admin_viewset", CertificatesGroup)
hooks.register("construct_homepage_panels", home_panels.add_panel)
hooks.register("construct_homepage_panels", correction_viewset.add_panel)
hooks.register("register_admin_urls", agency_pages.addresses)
hooks.register("register_admin_menu_item", agency_pages.menu_item)
hooks.register("register_log_actions", outside_views.log_actions)
