from django.templatetags.static import static
from django.utils.html import format_html
from wagtail import hooks

from people import menus
from people.viewsets import PersonViewSet

hooks.register("register_admin_viewset", PersonViewSet)
hooks.register("construct_reports_menu", menus.shorten_reports)
hooks.register("construct_main_menu", menus.shorten_main)


@hooks.register("insert_global_admin_css")
def narrow_screens() -> str:
    return format_html('<link rel="stylesheet" href="{}">', static("staff/narrow.css"))
