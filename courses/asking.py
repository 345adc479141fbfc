"""What ``courses`` asks of the rooms above, by Wagtail's hook registry, without knowing them.

``assessment_action(assessment, enrolment)`` returns how the learner goes on with an assessment;
``enrolment_notice(enrolment)`` returns what there is to say about an enrolment.
"""

from dataclasses import dataclass

from wagtail import hooks

from courses.models import Assessment, Enrolment


@dataclass(frozen=True)
class Action:
    """One link or hint: ``url`` is empty where there is nothing to press.

    ``link`` is what the link says where ``text`` is a statement. ``live_url`` answers with the
    same line as it is by then; it is asked again every few seconds while it is set.
    """

    text: str
    url: str = ""
    link: str = ""
    detail: str = ""
    live_url: str = ""
    done: bool = False


def assessment_action(assessment: Assessment, enrolment: Enrolment) -> Action | None:
    """The first answer of a room that knows how the assessment is taken."""
    for ask in hooks.get_hooks("assessment_action"):
        action: Action | None = ask(assessment, enrolment)
        if action:
            return action
    return None


def enrolment_notices(enrolment: Enrolment) -> list[Action]:
    """All that the rooms above have to say."""
    answers = [ask(enrolment) for ask in hooks.get_hooks("enrolment_notice")]
    return [answer for answer in answers if answer]


def any_live(notices: list[Action]) -> bool:
    """Whether one of the lines changes by itself."""
    return any(notice.live_url for notice in notices)
