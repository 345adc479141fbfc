"""The two sample courses: five lessons with clips, a question bank, two final quizzes."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from agencies.establishing import register_edition
from agencies.models import StandardEdition
from certificates.models import Register
from certificates.setting import certify_course, open_register
from courses.authoring import (
    add_assessment,
    create_course,
    keep_clip,
    publish_course,
    publish_lesson,
)
from courses.models import Course
from demo import signing_key
from demo.lessons import AWARENESS, INTERNAL_AUDITOR, Described
from quizzes.importing import receive, take_over
from quizzes.models import QuestionBank, Quiz
from quizzes.publishing import publish
from quizzes.setting import open_bank, set_quiz

CLIPS = Path(__file__).parent / "clips"
QUESTIONS = Path(__file__).parent / "data" / "questions.gift"
# How many questions come from each category of the bank, in its order: together 20 and 30.
AWARENESS_QUESTIONS = (5, 5, 6, 4)
AUDITOR_QUESTIONS = (5, 5, 5, 7, 8)
# As many as the whole of Đề án 1439 has certified: more in one day is a mistake.
EXPECTED_PER_DAY = 1_640


@dataclass(frozen=True)
class Taught:
    """The two courses with their quizzes."""

    awareness: Course
    awareness_quiz: Quiz
    auditor: Course
    auditor_quiz: Quiz


def prepare(*, trainer: Any, at: datetime) -> Taught:
    """Make the courses, publish their pages, fill the bank, open the register."""
    edition = register_edition(
        standard="ISO 9001",
        title="Hệ thống quản lý chất lượng - Các yêu cầu",
        name="TCVN ISO 9001:2015",
        year=2015,
    )
    awareness = _course(AWARENESS, Course.Kind.AWARENESS, edition, trainer)
    auditor = _course(
        INTERNAL_AUDITOR, Course.Kind.INTERNAL_AUDITOR, edition, trainer, after=awareness
    )
    bank = _bank(trainer, at)
    taught = Taught(
        awareness=awareness,
        awareness_quiz=_quiz(
            awareness, bank, AWARENESS_QUESTIONS, minutes=30, trainer=trainer, at=at
        ),
        auditor=auditor,
        auditor_quiz=_quiz(auditor, bank, AUDITOR_QUESTIONS, minutes=45, trainer=trainer, at=at),
    )
    register = open_register(
        code="DGVNB",
        name="Sổ gốc cấp giấy chứng nhận chuyên gia đánh giá nội bộ",
        number_format="{sequence:04d}/{year}/ĐGVNB-KH",
        parent_body="ỦY BAN NHÂN DÂN TỈNH KHÁNH HÒA",
        issuing_body="SỞ KHOA HỌC VÀ CÔNG NGHỆ",
        place="Khánh Hòa",
        signer_authority="KT. GIÁM ĐỐC",
        signer_title="PHÓ GIÁM ĐỐC",
        signer_name="Trần Văn Mẫu",
        signing=Register.Signing.SERVER if signing_key.prepare() else Register.Signing.UNSIGNED,
    )
    certify_course(
        course=auditor,
        register=register,
        printed_title=("Khóa đào tạo chuyên gia đánh giá nội bộ HTQLCL theo TCVN ISO 9001:2015"),
        expected_per_day=EXPECTED_PER_DAY,
    )
    return taught


def find() -> Taught:
    """The courses that ``prepare`` has made."""
    awareness, auditor = (
        Course.objects.get(code=described.code) for described in (AWARENESS, INTERNAL_AUDITOR)
    )
    return Taught(
        awareness=awareness,
        awareness_quiz=Quiz.objects.get(assessment__course=awareness),
        auditor=auditor,
        auditor_quiz=Quiz.objects.get(assessment__course=auditor),
    )


def _course(
    described: Described,
    kind: Course.Kind,
    edition: StandardEdition,
    trainer: Any,
    after: Course | None = None,
) -> Course:
    course = create_course(
        code=described.code,
        title=described.title,
        kind=kind,
        edition=edition,
        hours=described.hours,
        prerequisites=[after] if after else [],
        trainers=[trainer],
    )
    publish_course(
        course=course, summary=described.summary, audience=described.audience, by=trainer
    )
    for lesson in described.lessons:
        with (CLIPS / f"{lesson.clip}.mp4").open("rb") as file:
            clip = keep_clip(
                title=lesson.title, file=file, file_name=f"{lesson.clip}.mp4", by=trainer
            )
        publish_lesson(
            course=course,
            title=lesson.title,
            clip=clip,
            minutes=lesson.minutes,
            objectives=lesson.objectives,
            clauses=lesson.clauses,
            captions=(CLIPS / f"{lesson.clip}.vtt").read_text(encoding="utf-8"),
            transcript=lesson.transcript,
            body=lesson.body,
            by=trainer,
        )
    return course


def _bank(trainer: Any, at: datetime) -> QuestionBank:
    bank = open_bank(name="TCVN ISO 9001:2015 và đánh giá nội bộ", members=[trainer])
    upload = receive(
        bank=bank,
        file_name=QUESTIONS.name,
        content=QUESTIONS.read_bytes(),
        by=trainer,
        at=at,
    )
    take_over(upload=upload, at=at, by=trainer)
    return bank


def _quiz(
    course: Course,
    bank: QuestionBank,
    counts: tuple[int, ...],
    *,
    minutes: int,
    trainer: Any,
    at: datetime,
) -> Quiz:
    assessment = add_assessment(course=course, title=f"Bài kiểm tra cuối khóa {course.code}")
    categories = list(bank.categories.order_by("pk"))
    quiz = set_quiz(
        assessment=assessment,
        bank=bank,
        sections=list(zip(categories, counts, strict=False)),
        minutes=minutes,
    )
    return publish(quiz_id=quiz.pk, at=at, by=trainer)
