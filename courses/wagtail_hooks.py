from wagtail import hooks

from courses import audience

hooks.register("before_serve_page", audience.require_audience)
