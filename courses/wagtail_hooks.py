from django.urls import path
from wagtail import hooks

from courses import audience, editing, home_panels, learners
from courses.viewsets import TrainingGroup

hooks.register("before_serve_page", audience.require_audience)
hooks.register("before_delete_page", editing.keep_page)
hooks.register("before_bulk_action", editing.keep_pages)
hooks.register("register_admin_viewset", TrainingGroup)
hooks.register("construct_homepage_panels", home_panels.add_panels)
hooks.register("person_cards", learners.card)


# Before wagtailmedia's own addresses, because its view knows no reason to keep a clip.
@hooks.register("register_admin_urls", order=-1)
def clip_addresses():  # type: ignore[no-untyped-def]
    return [path("media/delete/<int:media_id>/", editing.delete_clip)]
