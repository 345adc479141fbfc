"""What a list for a decision says: its head, its columns, its lines. In Vietnamese, always.

It reads the rows as they are; the three writers beside it only differ in the kind of file.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import Prefetch
from django.utils import timezone

from courses import asking
from courses.models import AssessmentResult, CourseRun, Enrolment
from courses.paper.entering import in_words
from jobs.spreadsheets import plain
from people.models import Posting
from vietnamese.dates import date_in_words, format_date

COUNTRY = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
MOTTO = "Độc lập - Tự do - Hạnh phúc"
DOTS = "…………"


class Which(StrEnum):
    OPENING = "opening"
    CLOSING = "closing"


_TITLES = {
    Which.OPENING: "DANH SÁCH HỌC VIÊN",
    Which.CLOSING: "DANH SÁCH HỌC VIÊN HOÀN THÀNH KHÓA ĐÀO TẠO",
}
_POSITION, _NUMBER = "Chức vụ", "Số hiệu giấy chứng nhận"


class _Column(NamedTuple):
    name: str
    weight: float
    centred: bool
    texts: list[str]


@dataclass(frozen=True)
class Decision:
    """The decision that a list goes with, as far as it is known when the list is made."""

    issuing_body: str
    parent_body: str = ""
    number: str = ""
    signed_on: date | None = None


@dataclass(frozen=True)
class DecisionList:
    """A list, ready to be written: texts without control characters, lines as wide as columns.

    ``weights`` are the relative widths of the columns; ``centred`` those set in the middle.
    """

    decision: Decision
    title: str
    subtitle: str
    period: str
    columns: tuple[str, ...]
    weights: tuple[float, ...]
    centred: frozenset[int]
    lines: list[tuple[str, ...]]

    @property
    def attached_to(self) -> str:
        """The line in brackets under the title, with dots for what is filled in by hand."""
        signed = self.decision.signed_on
        day = date_in_words(signed) if signed else "ngày …… tháng …… năm ………"
        number = self.decision.number or f"{DOTS}/QĐ-……"
        of = f" của {self.decision.issuing_body}" if self.decision.issuing_body else ""
        return f"(Kèm theo Quyết định số {number} {day}{of})"

    @property
    def total(self) -> str:
        return f"Danh sách gồm {len(self.lines)} người."


def make(*, run: CourseRun, which: Which, decision: Decision) -> DecisionList:
    """The learners of a run, or those who have completed it, by given name.

    A column that would be empty on every line (position, certificate number) is left out.
    """
    enrolments = list(_enrolments(run, which))
    numbers = asking.printed_numbers(enrolments) if which == Which.CLOSING else {}
    columns = [
        _Column("STT", 0.5, True, [str(place) for place in range(1, len(enrolments) + 1)]),
        _Column("Họ và tên", 2.2, False, [one.person.full_name for one in enrolments]),
        _Column("Ngày sinh", 1.1, True, [_born(one) for one in enrolments]),
        _Column(_POSITION, 1.4, False, [_position(one) for one in enrolments]),
        _Column("Đơn vị công tác", 2.8, False, [_agency(one) for one in enrolments]),
    ]
    if which == Which.CLOSING:
        columns.append(_Column("Kết quả", 1.3, True, [_result(one) for one in enrolments]))
        kept = [numbers.get(one.pk, "") for one in enrolments]
        columns.append(_Column(_NUMBER, 1.8, True, kept))
    shown = [one for one in columns if one.name not in (_POSITION, _NUMBER) or any(one.texts)]
    texts = [[_clean(text) for text in one.texts] for one in shown]
    return DecisionList(
        decision=decision,
        title=_TITLES[which],
        subtitle=_clean(f"Khóa học: {run.course.title} – {run.name}"),
        period=f"Từ ngày {format_date(run.starts_on)} đến ngày {format_date(run.ends_on)}",
        columns=tuple(one.name for one in shown),
        weights=tuple(one.weight for one in shown),
        centred=frozenset(place for place, one in enumerate(shown) if one.centred),
        lines=list(zip(*texts, strict=True)),
    )


def _enrolments(run: CourseRun, which: Which) -> Iterable[Enrolment]:
    of_run = Enrolment.objects.filter(run=run).select_related("person", "agency")
    completed = of_run.filter(completed_at__isnull=False)
    found = of_run.active() if which == Which.OPENING else completed
    passed = AssessmentResult.objects.filter(passed=True).order_by("assessment", "-score")
    return found.order_by("person__sort_name", "pk").prefetch_related(
        Prefetch("results", passed, to_attr="passed"),
        Prefetch("person__postings", Posting.objects.order_by("-joined_on"), to_attr="served"),
    )


def _born(enrolment: Enrolment) -> str:
    born = enrolment.person.date_of_birth
    return format_date(born) if born else ""


def _agency(enrolment: Enrolment) -> str:
    return enrolment.agency.name if enrolment.agency else ""


def _position(enrolment: Any) -> str:
    """The position held in the agency on the day of enrolment."""
    day = timezone.localdate(enrolment.enrolled_at)
    for posting in enrolment.person.served:
        in_force = posting.joined_on <= day and (not posting.left_on or posting.left_on >= day)
        if in_force and posting.agency_id == enrolment.agency_id:
            return str(posting.position)
    return ""


def _result(enrolment: Any) -> str:
    """Passed, with the best mark of each assessment."""
    best: dict[int, AssessmentResult] = {}
    for result in enrolment.passed:
        best.setdefault(result.assessment_id, result)
    marks = [f"{in_words(one.score)}/{in_words(one.max_score)}" for one in best.values()]
    return f"Đạt ({'; '.join(marks)})" if marks else "Đạt"


def _clean(text: str) -> str:
    """One line, without the control characters that no kind of file can hold."""
    return " ".join(str(plain(text, csv=False)).split())
