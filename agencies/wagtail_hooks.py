from wagtail import hooks

from agencies.viewsets import AgenciesGroup

hooks.register("register_admin_viewset", AgenciesGroup)
