"""What the day is measured by; of what was not seen, nothing is called good."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from bench.rows import Row
from drill.checking import Findings
from drill.day import Day, Window
from drill.journal import Asked, share
from drill.plan import RUSH_SECONDS

FIRST_MINUTE = 60.0
LONGEST_CUT = 60.0
# Some lose their line to the end, some close the window with the last answers unsent.
ACKNOWLEDGED = 0.9
WHATS = ("start", "page", "save", "save again", "reload", "submit", "result")


def outside(asked: Iterable[Asked], windows: Sequence[Window]) -> list[Asked]:
    """The requests that no cut touched."""
    return [one for one in asked if not any(cut.overlaps(one.began, one.ended) for cut in windows)]


def by_kind(day: Day) -> Iterable[str]:
    """A table: of each kind of request how many, and how long outside the cuts."""
    calm = outside(day.journal.asked, day.windows)
    heads = "".join(f"{head:>9}" for head in ("requests", "failed", "p50 s", "p95 s", "p99 s"))
    yield f"{'outside the cuts':<16}{heads}"
    for what in WHATS:
        those = [one for one in calm if one.what == what]
        took = [one.ended - one.began for one in those if one.good]
        failed = sum(not one.good for one in those)
        parts = "".join(f"{share(took, percent):>9.3f}" for percent in (50, 95, 99))
        yield f"{what:<16}{len(those):>9}{failed:>9}{parts}"
    for cut in day.windows:
        yield f"cut at {cut.began:.0f} s, {cut.answered - cut.began:.1f} s: {cut.name}"


def unseen(day: Day, found: Findings) -> Iterable[str]:
    """Why the other figures would show nothing: what should have happened, and did not."""
    people = len(day.learners)
    expected = people * day.questions
    if found.people != people:
        yield f"{found.people} of {people} people sat"
    if found.acknowledged + found.unacknowledged < expected * ACKNOWLEDGED:
        yield f"only {found.acknowledged} of {expected} answers were acknowledged"
    if not 0 < found.passed < people:
        yield f"{found.passed} of {people} passed, which shows little of the grading"
    if day.journal.guessed:
        yield f"{day.journal.guessed} questions were unknown to those who had learned them"
    if len(day.windows) != len(day.cuts):
        yield f"{len(day.windows)} of {len(day.cuts)} cuts came and were over"


def rows(day: Day, found: Findings, *, waited: float, generator: float) -> Iterable[Row]:
    """``waited``: seconds from the last deadline until everything was graded; ``generator``: the
    devices' own CPU seconds."""
    journal = day.journal
    calm = outside(journal.asked, day.windows)
    took = [one.ended - one.began for one in calm if one.good]
    saves = [
        one.ended - one.began
        for one in calm
        if one.good and one.what == "save" and one.began > FIRST_MINUTE
    ]
    started = [sheet.started for sheet in journal.sheets if sheet.started is not None]
    last_start = max(started, default=math.inf)
    if len(started) < len(day.learners):
        last_start = math.inf
    length = max(one.ended for one in journal.asked)
    how = (
        f"{found.people} people, 45 minutes in {day.minutes}, {len(journal.asked)} requests in"
        f" {length:.0f} s; cuts: {', '.join(cut.name for cut in day.windows) or 'none'}"
    )
    for percent in (50, 95, 99):
        yield Row(f"exam.day_p{percent}", share(took, percent), "s", f"all requests; {how}")
    how = f"{len(saves)} saves outside the cuts and the first minute"
    yield Row("exam.day_save_p95", share(saves, 95), "s", how, target=0.5)
    how = (
        f"until the last had the paper ({len(started)} of {len(day.learners)}), who all pressed"
        f" start within {RUSH_SECONDS:g} s"
    )
    yield Row("exam.day_start", last_start, "s", how, target=60)
    longest = max((cut.answered - cut.began for cut in day.windows), default=0.0)
    how = "the longest cut, until a page that asks the database came again"
    yield Row("exam.day_cut", longest, "s", how, target=LONGEST_CUT)
    failed = sum(not one.good for one in calm)
    yield Row("exam.day_failed", failed, "requests", "without a good answer outside the cuts", 0)
    faults = journal.faults + Counter(unseen(day, found))
    how = ", ".join(f"{count}× {what}" for what, count in faults.items())
    yield Row("exam.day_faults", faults.total(), "faults", how or "none seen", 0)
    how = (
        f"of {found.acknowledged} acknowledged answers; {found.unacknowledged} more were stored"
        " though their receipt never arrived"
    )
    yield Row("exam.day_lost", found.lost, "answers", how, target=0)
    yield Row("exam.day_doubled", found.doubled, "attempts", "people with more than one", 0)
    how = f"graded anew from the receipts; {found.passed} passed"
    yield Row("exam.day_misgraded", found.misgraded, "grades", how, target=0)
    how = f"all graded {waited:.0f} s after the end"
    yield Row("exam.day_unfinished", found.unfinished, "attempts", how, target=0)
    how = "passed without a row for the certificate"
    yield Row("exam.day_uncertified", found.without_certificate, "people", how, target=0)
    yield Row("exam.day_generator", generator, "CPU s", "the devices themselves, on the same cores")
