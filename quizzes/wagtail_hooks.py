from wagtail import hooks

from quizzes import attempt_viewset, filling, home_marking, opening_pages, seeing, sitting
from quizzes.printed import staff_pages as printed
from quizzes.viewsets import TestsGroup

hooks.register("assessment_action", sitting.action)
hooks.register("begun_assessments", sitting.begun)
hooks.register("assessment_shortages", filling.assessment_shortages)
hooks.register("hidden_results", seeing.hidden_results)
hooks.register("pass_percent", sitting.pass_percent)
hooks.register("run_links", attempt_viewset.links)
hooks.register("construct_homepage_panels", home_marking.add_panel)
hooks.register("run_links", opening_pages.links)
hooks.register("register_admin_urls", opening_pages.addresses)
hooks.register("register_admin_urls", printed.addresses)
hooks.register("run_links", printed.links)
hooks.register("register_admin_viewset", TestsGroup)
