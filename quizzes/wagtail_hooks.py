from wagtail import hooks

from quizzes import sitting

hooks.register("assessment_action", sitting.action)
