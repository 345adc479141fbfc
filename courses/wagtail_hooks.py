from typing import Any

from django.urls import path
from wagtail import hooks

from courses import agency_pages, audience, editing, home_panels, learners, result_pages
from courses.assignments import showing as assignments
from courses.attendance import staff_pages as attendance
from courses.correspondence import admin_views as correspondence
from courses.correspondence import home_questions
from courses.survey import admin_views as survey
from courses.viewsets import TrainingGroup

hooks.register("before_serve_page", audience.require_audience)
hooks.register("before_delete_page", editing.keep_page)
hooks.register("before_bulk_action", editing.keep_pages)
hooks.register("register_admin_viewset", TrainingGroup)
hooks.register("construct_homepage_panels", home_panels.add_panels)
hooks.register("person_cards", learners.card)
hooks.register("register_admin_urls", attendance.addresses)
hooks.register("run_links", attendance.links)
hooks.register("assessment_action", assignments.action)
hooks.register("register_admin_urls", result_pages.addresses)
hooks.register("run_links", result_pages.links)
hooks.register("register_admin_urls", agency_pages.addresses)
hooks.register("register_admin_menu_item", agency_pages.menu_item)
hooks.register("run_links", agency_pages.links)
hooks.register("register_admin_urls", correspondence.addresses)
hooks.register("run_links", correspondence.links)
hooks.register("construct_homepage_panels", home_questions.add_panel)
hooks.register("register_admin_urls", survey.addresses)
hooks.register("run_links", survey.links)


# Before wagtailmedia's own addresses, because its view knows no reason to keep a clip.
@hooks.register("register_admin_urls", order=-1)
def clip_addresses() -> list[Any]:
    return [path("media/delete/<int:media_id>/", editing.delete_clip)]
