"""Situations to test in, made by the product's own verbs.

Each factory calls a verb; what is not said is filled in plausibly. ``play`` brings an enrolment
further: watched, completed, certified. Times lie around now, because views ask the clock.
"""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from uuid import uuid4

import factory
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test.utils import override_settings
from django.utils import timezone
from wagtail.signal_handlers import disable_reference_index_auto_update

from agencies.establishing import establish_agency, establish_unit, register_edition
from agencies.models import AdministrativeUnit, Agency, Level, StandardEdition
from certificates.issue import issuing
from certificates.models import Certificate, IssuingRule, Register, RegisterEntry
from certificates.setting import certify_course, open_register
from courses.assignments import handing_in
from courses.assignments.setting import Line, set_assignment
from courses.attendance.holding import hold
from courses.authoring import (
    add_assessment,
    create_course,
    draft_run,
    publish_course,
    publish_lesson,
)
from courses.correspondence.questioning import ask
from courses.enrolling import enrol
from courses.models import (
    Assessment,
    AssessmentResult,
    Course,
    CourseRun,
    Enrolment,
    LessonPage,
    ResultSheet,
    RunQuestion,
    Session,
    SubmissionFile,
)
from courses.paper.entering import Mark, enter_marks
from courses.results import record_result
from courses.running import open_run
from courses.watching import record_watching
from jobs import private_files
from jobs.letters import Letter
from jobs.mailing import queue_mail
from jobs.models import Mail
from people.models import Person, User
from people.registering import open_account, register_person
from people.roles import Role
from quizzes import attempts, saving
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


# --- Mail -----------------------------------------------------------------------------------------


def failed_mail(**values: Any) -> Mail:
    """A mail that its address has refused for good."""
    letter = Letter(subject="Nhắc hạn hoàn thành khóa học", paragraphs=["Còn 3 ngày."])
    mail = queue_mail(
        key=f"mail-{next(_numbers)}",
        to="khai@khanhhoa.gov.vn",
        letter=letter.render(language="vi"),
        at=timezone.now(),
        **values,
    )
    Mail.objects.filter(pk=mail.pk).update(state=Mail.State.FAILED, problem="550 no such mailbox")
    mail.refresh_from_db()
    return mail


# --- Courses --------------------------------------------------------------------------------------


def edition() -> StandardEdition:
    return register_edition(
        standard="ISO 9001",
        title="Hệ thống quản lý chất lượng - Các yêu cầu",
        name="TCVN ISO 9001:2015",
        year=2015,
    )


@contextmanager
def not_indexed() -> Iterator[None]:
    """Pages are made in half the time; the editor's search does not find them."""
    search = settings.WAGTAILSEARCH_BACKENDS["default"] | {"AUTO_UPDATE": False}
    with (
        override_settings(WAGTAILSEARCH_BACKENDS={"default": search}),
        disable_reference_index_auto_update(),
    ):
        yield


def _course(*, lessons: int, assessments: int, **values: Any) -> Course:
    with not_indexed():
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


def meeting(run: CourseRun, *, starts_in: float = -30, minutes: float = 180) -> Session:
    """A class meeting of the run; ``starts_in`` minutes from now, by default it is going on."""
    now = timezone.now()
    starts_at = now + timedelta(minutes=starts_in)
    return hold(
        run_id=run.pk,
        title=f"Buổi học {next(_numbers)}",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=minutes),
        place="Hội trường A",
        at=now - days(1),
    )


def question_to_trainers(enrolment: Enrolment, text: str = "Khi nào thi?") -> RunQuestion:
    return ask(enrolment=enrolment, form=uuid4(), text=text, at=timezone.now())


PDF = b"%PDF-1.7\n1 0 obj\nendobj\n%%EOF\n"


def scanned_result_sheet(enrolment: Enrolment, assessment: Assessment) -> ResultSheet:
    """A mark entered from a scanned sheet of a paper test."""
    entered = enter_marks(
        run_id=enrolment.run_id,
        assessment_id=assessment.pk,
        taken_on=timezone.localdate() - days(1),
        max_score=Decimal(10),
        marks=[Mark(enrolment.pk, Decimal(3))],
        scan=private_files.Received(PDF, private_files.PDF, uuid4().hex),
        at=timezone.now(),
    )
    assert entered.sheet is not None
    return entered.sheet


def handed_in_file(enrolment: Enrolment, title: str = "Bài tập tình huống") -> SubmissionFile:
    """An assignment that the course sets besides its tests, handed in with a file."""
    assignment = set_assignment(
        assessment=add_assessment(course=enrolment.run.course, title=title, required=False),
        instructions="Phân tích tình huống sau.",
        rubric=[Line("Nhận diện điểm không phù hợp", Decimal(10))],
    )
    about: dict[str, Any] = {
        "enrolment_id": enrolment.pk,
        "assignment": assignment,
        "at": timezone.now(),
    }
    file = handing_in.add_file(upload=SimpleUploadedFile("bài.pdf", PDF), **about)
    handing_in.hand_in(text="Bài làm", **about)
    return file


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


def _quiz(*, published: bool, **values: Any) -> Quiz:
    quiz = set_quiz(**values)
    if published:
        # Unasked, because some tests want what is found wanting only after it was published.
        quiz.published_at = timezone.now() - days(20)
        quiz.save(update_fields=["published_at"])
    return quiz


class QuizFactory(factory.Factory[Quiz]):
    """Published: four questions of the bank, 45 minutes, 70 %, two attempts."""

    class Meta:
        model = _quiz

    class Params:
        course = factory.SubFactory(CourseFactory)

    assessment = factory.LazyAttribute(lambda here: assessment_of(here.course))
    bank = factory.SubFactory(BankFactory)
    sections: Sequence[Any] = ((None, 4),)
    published = True


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


def answer(
    attempt: Attempt, responses: dict[int, Any], *, seq: int = 1, at: datetime
) -> saving.Saved:
    """Save answers by slot."""
    changes = [attempts.RawChange(slot, seq, value) for slot, value in responses.items()]
    person_id = attempt.enrolment.person_id
    return attempts.save_answers(attempt_id=attempt.pk, person_id=person_id, changes=changes, at=at)


def answer_all(attempt: Attempt, value: Any = True, *, at: datetime | None = None) -> None:
    """Give every question the same answer; ``True`` is right for ``statements``."""
    slots = range(1, len(attempt.paper) + 1)
    answer(attempt, dict.fromkeys(slots, value), at=at or attempt.started_at)


LONG_ANSWERS = """$CATEGORY: Tự luận

// [id:L-1] [rubric:4 Nêu nguyên tắc] [rubric:6 Nêu ví dụ]
::Khách hàng:: Vì sao ISO 9001 bắt đầu từ khách hàng? {}
"""


def quiz_with_long_answer(
    *, gift: str = LONG_ANSWERS, second_marker: bool = False, **values: Any
) -> Quiz:
    """A test of one long answer, worth ten points, and two true statements."""
    bank = BankFactory(gift=gift + "\n" + statements(2))
    quiz: Quiz = QuizFactory(bank=bank, sections=((None, bank.questions.count()),), **values)
    Quiz.objects.filter(pk=quiz.pk).update(second_marker=second_marker)
    quiz.refresh_from_db()
    return quiz


def written(quiz: Quiz, *, text: str = "Vì khách hàng.", person: Person | None = None) -> Attempt:
    """An attempt just submitted, all statements right, the same text in every long answer."""
    attempt = sitting(quiz=quiz, person=person)
    responses = {
        slot: text if version_in(attempt, slot).kind == "essay" else True
        for slot in range(1, len(attempt.paper) + 1)
    }
    answer(attempt, responses, at=attempt.started_at)
    return attempts.finish(attempt_id=attempt.pk, at=timezone.now())


def version_in(attempt: Attempt, slot: int) -> QuestionVersion:
    return QuestionVersion.objects.get(pk=attempt.paper[slot - 1].version)


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


def twins(*names: str) -> list[RegisterEntry]:
    """Filed certificates of two bodies that give the same numbers, for one name or for two."""
    form = f"{{sequence:04d}}/{{year}}/{uuid4().hex[:8]}"
    found = []
    for body, name in zip(("Sở Khoa học và Công nghệ", "Sở Nội vụ"), names * 2, strict=False):
        register = RegisterFactory(number_format=form, issuing_body=body)
        rule = IssuingRuleFactory(register=register)
        certificate = filed_certificate(rule=rule, person=PersonFactory(full_name=name))
        found.append(certificate.entries.get(kind=RegisterEntry.Kind.ISSUE))
    return found
