from wagtail import hooks

from quizzes import sitting
from quizzes.viewsets import TestsGroup

hooks.register("assessment_action", sitting.action)
hooks.register("register_admin_viewset", TestsGroup)
