"""Situations to test in, made by the product's own verbs.

Each factory calls a verb; what is not said is filled in plausibly. ``play`` brings an enrolment
further: watched, completed, certified. Times lie around now, because views ask the clock.
"""

import itertools
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import factory
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from agencies.establishing import establish_agency, establish_unit, register_edition
from agencies.models import AdministrativeUnit, Agency, Level, StandardEdition
from certificates import issuing
from certificates.models import Certificate, IssuingRule, Register
from certificates.setting import certify_course, open_register
from courses.authoring import (
    add_assessment,
    create_course,
    draft_run,
    publish_course,
    publish_lesson,
)
from courses.enrolling import enrol
from courses.models import (
    Assessment,
    AssessmentResult,
    Course,
    CourseRun,
    Enrolment,
    LessonPage,
)
from courses.results import record_result
from courses.running import open_run
from courses.watching import record_watching
from people.models import Person, User
from people.registering import open_account, register_person
from people.roles import Role
from quizzes import attempts
from quizzes.importing import receive, take_over
from quizzes.models import Attempt, QuestionBank, QuestionVersion, Quiz
from quizzes.setting import open_bank, set_quiz

PASSWORD = "mật khẩu để thử 9001"
GIFT = Path(__file__).resolve().parent.parent / "demo" / "data" / "questions.gift"
NAMES = (
    "Nguyễn Thị Minh Khai",
    "Trần Văn Đức",
    "Lê Hoàng Ánh",
    "Phạm Ngọc Ý",
    "Võ Thị Bích Hạnh",
    "Đặng Quốc Ổn",
)
LESSON_SECONDS = 10  # one report may bring so much
_numbers = itertools.count(1)


def days(number: float) -> timedelta:
    return timedelta(days=number)


# --- Agencies and people --------------------------------------------------------------------------


class UnitFactory(factory.Factory[AdministrativeUnit]):
    class Meta:
        model = establish_unit

    name = factory.Sequence(lambda n: f"Xã Vĩnh {n}")
    level = Level.COMMUNE


class AgencyFactory(factory.Factory[Agency]):
    class Meta:
        model = establish_agency

    name = factory.Sequence(lambda n: f"Ủy ban nhân dân xã Vĩnh {n}")
    level = Level.COMMUNE
    territory = factory.SubFactory(UnitFactory)


class PersonFactory(factory.Factory[Person]):
    """Somebody who has served in an agency for years."""

    class Meta:
        model = register_person

    full_name = factory.Iterator(NAMES)
    agency = factory.SubFactory(AgencyFactory)
    joined_on = date(2015, 3, 1)
    date_of_birth = date(1985, 9, 2)


@cache
def _hashed(password: str) -> str:
    return make_password(password)


def _account(**values: Any) -> User:
    user = open_account(**values)
    user.password = _hashed(PASSWORD)
    user.save(update_fields=["password"])
    return user


class UserFactory(factory.Factory[User]):
    """An account whose password is ``PASSWORD``; a learner unless a trait says otherwise."""

    class Meta:
        model = _account

    class Params:
        trainer = factory.Trait(person=None, roles=[Role.TRAINER])
        officer = factory.Trait(person=None, roles=[Role.DOST_OFFICER])
        focal_point = factory.Trait(
            person=None,
            roles=[Role.FOCAL_POINT],
            focal_point_of=factory.List([factory.SubFactory(AgencyFactory)]),
        )

    username = factory.Sequence(lambda n: f"user-{n}")
    person = factory.SubFactory(PersonFactory)


def superuser() -> User:
    user: User = UserFactory(person=None)
    user.is_superuser = user.is_staff = True
    user.save()
    return user


# --- Courses --------------------------------------------------------------------------------------


def edition() -> StandardEdition:
    return register_edition(
        standard="ISO 9001",
        title="Hệ thống quản lý chất lượng - Các yêu cầu",
        name="TCVN ISO 9001:2015",
        year=2015,
    )


def _course(*, lessons: int, assessments: int, **values: Any) -> Course:
    course = create_course(**values)
    publish_course(course=course, summary="Dành cho cán bộ, công chức.")
    for number in range(1, lessons + 1):
        publish_lesson(course=course, title=f"Bài {number}", seconds=LESSON_SECONDS)
    for number in range(1, assessments + 1):
        add_assessment(course=course, title=f"Bài kiểm tra {number}")
    return course


class CourseFactory(factory.Factory[Course]):
    """A published course of two lessons and one final assessment."""

    class Meta:
        model = _course

    code = factory.Sequence(lambda n: f"ISO9001-{n}")
    title = factory.Sequence(lambda n: f"Chuyên gia đánh giá nội bộ {n}")
    kind = Course.Kind.INTERNAL_AUDITOR
    edition = factory.LazyFunction(edition)
    hours = 24
    lessons = 2
    assessments = 1


def lessons_of(course: Course) -> list[LessonPage]:
    return list(LessonPage.objects.child_of(course.page).order_by("path"))


def assessment_of(course: Course) -> Assessment:
    return course.assessments.order_by("pk")[0]


def _run(*, opened: bool, **values: Any) -> CourseRun:
    run = draft_run(**values)
    return open_run(run_id=run.pk, at=timezone.now() - days(15)) if opened else run


class RunFactory(factory.Factory[CourseRun]):
    """An open run that began ten days ago; ``opened=False`` for a draft."""

    class Meta:
        model = _run

    course = factory.SubFactory(CourseFactory)
    name = factory.Sequence(lambda n: f"Đợt học {n}")
    starts_on = factory.LazyFunction(lambda: timezone.localdate() - days(10))
    ends_on = factory.LazyFunction(lambda: timezone.localdate() + days(60))
    opened = True


def _enrolment(*, watched: bool, completed: bool, **values: Any) -> Enrolment:
    enrolment = enrol(**values).enrolment
    if watched or completed:
        watch_all(enrolment)
    if completed:
        pass_all(enrolment)
    enrolment.refresh_from_db()
    return enrolment


class EnrolmentFactory(factory.Factory[Enrolment]):
    """A person in an open run, who has done nothing yet; or has watched, or completed all."""

    class Meta:
        model = _enrolment

    class Params:
        run = factory.SubFactory(RunFactory)

    person = factory.SubFactory(PersonFactory)
    run_id = factory.LazyAttribute(lambda here: here.run.pk)
    at = factory.LazyFunction(lambda: timezone.now() - days(5))
    watched = False
    completed = False


def watch(enrolment: Enrolment, page: LessonPage, *, at: datetime | None = None) -> None:
    """Watch one lesson to its end, in one report."""
    record_watching(
        enrolment=enrolment,
        page_id=page.pk,
        raw_spans=[[0, LESSON_SECONDS]],
        position=LESSON_SECONDS,
        at=at or timezone.now() - days(4),
    )


def watch_all(enrolment: Enrolment, *, at: datetime | None = None) -> None:
    for lesson in enrolment.run.lessons.select_related("page"):
        watch(enrolment, lesson.page, at=at)


def pass_all(enrolment: Enrolment, *, at: datetime | None = None) -> None:
    """Pass every required assessment on paper."""
    for assessment_id in enrolment.run.frozen_rules["assessments"]:
        pass_on_paper(enrolment, assessment_id=assessment_id, at=at)


def pass_on_paper(
    enrolment: Enrolment, *, assessment_id: int, at: datetime | None = None
) -> AssessmentResult:
    return record_result(
        enrolment_id=enrolment.pk,
        assessment_id=assessment_id,
        source=AssessmentResult.Source.PAPER,
        score=Decimal(8),
        max_score=Decimal(10),
        passed=True,
        decided_at=at or timezone.now() - days(3),
    )


# --- Quizzes --------------------------------------------------------------------------------------


def statements(number: int, *, category: str = "Nhận thức chung") -> str:
    """A GIFT file of true statements: answering ``True`` to all is full marks."""
    questions = (
        f"// [id:{category}-{n}]\n::Câu {n}::Phát biểu số {n} là đúng. {{TRUE}}\n"
        for n in range(1, number + 1)
    )
    return f"$CATEGORY: {category}\n\n" + "\n".join(questions)


def _bank(*, gift: str, **values: Any) -> QuestionBank:
    bank = open_bank(**values)
    fill(bank, gift)
    return bank


def fill(bank: QuestionBank, gift: str) -> None:
    """Import a GIFT file into the bank."""
    now = timezone.now()
    by = UserFactory(trainer=True)
    upload = receive(bank=bank, file_name="questions.gift", content=gift.encode(), by=by, at=now)
    take_over(upload=upload, at=now, by=by)


class BankFactory(factory.Factory[QuestionBank]):
    """Six true statements; ``demo=True`` for the forty questions of the demo."""

    class Meta:
        model = _bank

    class Params:
        demo = factory.Trait(gift=factory.LazyFunction(GIFT.read_text))

    name = factory.Sequence(lambda n: f"Ngân hàng câu hỏi {n}")
    gift = factory.LazyFunction(lambda: statements(6))


class QuizFactory(factory.Factory[Quiz]):
    """Four questions of the bank, 45 minutes, 70 %, two attempts."""

    class Meta:
        model = set_quiz

    class Params:
        course = factory.SubFactory(CourseFactory)

    assessment = factory.LazyAttribute(lambda here: assessment_of(here.course))
    bank = factory.SubFactory(BankFactory)
    sections: Sequence[Any] = ((None, 4),)


def sitting(
    *, quiz: Quiz | None = None, person: Person | None = None, at: datetime | None = None
) -> Attempt:
    """An attempt that has just begun, after watching every lesson."""
    quiz = quiz or QuizFactory()
    person = person or PersonFactory()
    run = CourseRun.objects.filter(course=quiz.assessment.course).first()
    enrolment = EnrolmentFactory(
        person=person, run=run or RunFactory(course=quiz.assessment.course), watched=True
    )
    return attempts.start(quiz=quiz, enrolment=enrolment, at=at or timezone.now())


def answer(attempt: Attempt, responses: dict[int, Any], *, seq: int = 1, at: datetime) -> None:
    """Save answers by slot."""
    changes = [attempts.RawChange(slot, seq, value) for slot, value in responses.items()]
    attempts.save_answers(attempt=attempt, changes=changes, at=at)


def answer_all(attempt: Attempt, value: Any = True, *, at: datetime | None = None) -> None:
    """Give every question the same answer; ``True`` is right for ``statements``."""
    slots = range(1, len(attempt.paper) + 1)
    answer(attempt, dict.fromkeys(slots, value), at=at or attempt.started_at)


def version_in(attempt: Attempt, slot: int) -> QuestionVersion:
    return QuestionVersion.objects.get(pk=attempt.paper[slot - 1]["version"])


# --- Certificates ---------------------------------------------------------------------------------


class RegisterFactory(factory.Factory[Register]):
    class Meta:
        model = open_register

    code = factory.Sequence(lambda n: f"KH{n}")
    name = "Sổ gốc cấp giấy chứng nhận"
    number_format = factory.LazyAttribute(lambda here: f"{{sequence:04d}}/{{year}}/{here.code}")
    issuing_body = "Sở Khoa học và Công nghệ"
    parent_body = "Ủy ban nhân dân tỉnh Khánh Hòa"
    place = "Khánh Hòa"
    signer_authority = "KT. GIÁM ĐỐC"
    signer_title = "Phó Giám đốc"
    signer_name = "Trần Văn Hòa"


class IssuingRuleFactory(factory.Factory[IssuingRule]):
    """A course whose completion is certified."""

    class Meta:
        model = certify_course

    course = factory.SubFactory(CourseFactory)
    register = factory.SubFactory(RegisterFactory)
    printed_title = factory.LazyAttribute(lambda here: here.course.title)


def pending_certificate(
    *, rule: IssuingRule | None = None, person: Person | None = None, run: CourseRun | None = None
) -> Certificate:
    """Just completed: the row is there, no task has come."""
    rule = rule or IssuingRuleFactory()
    run = (
        run
        or CourseRun.objects.filter(course=rule.course).first()
        or RunFactory(course=rule.course)
    )
    enrolment = EnrolmentFactory(person=person or PersonFactory(), run=run, completed=True)
    return Certificate.objects.get(enrolment=enrolment)


def filed_certificate(
    *, rule: IssuingRule | None = None, person: Person | None = None, run: CourseRun | None = None
) -> Certificate:
    """Numbered, drawn and filed."""
    pending = pending_certificate(rule=rule, person=person, run=run)
    filed = issuing.issue(certificate_id=pending.pk, at=timezone.now())
    assert filed is not None
    return filed
