from wagtail import hooks

from certificates import holding

hooks.register("enrolment_notice", holding.notice)
