from wagtail import hooks

from jobs import home_panels
from jobs.mail_viewset import MailViewSet

hooks.register("register_admin_viewset", MailViewSet)
hooks.register("construct_homepage_panels", home_panels.add_panel)
