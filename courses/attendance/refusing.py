"""Why something about a class meeting is not done."""


class AttendanceRefused(Exception):
    """Carries the reason, in words for the person who asked."""


class ReasonNeeded(AttendanceRefused):
    """What was entered or announced before is changed with a reason only."""
