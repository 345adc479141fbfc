from wagtail import hooks

from people import menus
from people.viewsets import PersonViewSet

hooks.register("register_admin_viewset", PersonViewSet)
hooks.register("construct_reports_menu", menus.shorten_reports)
hooks.register("construct_main_menu", menus.shorten_main)
