"""Two worlds side by side: what is one's own, and what belongs to others."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from wagtail.documents import get_document_model
from wagtail.images import get_image_model
from wagtail.images.tests.utils import get_test_image_file
from wagtail.models import Collection, Site, Task, Workflow

from agencies.establishing import add_phase, adopt_programme, form_system, register_document
from agencies.models import Agency
from certificates.holder import sharing
from certificates.issue import batching, filing
from certificates.issue.lists import receiving as issue_lists
from certificates.models import Brake, Correction
from certificates.paper.designing import create_template
from certificates.proof import status_lists
from courses.authoring import add_assessment
from courses.enrolling import Asked, ask
from courses.lists.receiving import receive_lines
from courses.models import (
    Assessment,
    AttendanceSheet,
    Clip,
    CourseRun,
    EvidenceConflict,
    LessonPage,
)
from jobs.models import Heartbeat
from people import tokens
from people.models import User
from quizzes import accommodating, attempts, marking_queue
from quizzes.importing import receive
from quizzes.models import QuestionVersion
from quizzes.printed.variants import draw_variants
from quizzes.regrade_work import begin_regrade
from tests import factories

OWN, FOREIGN = "Nhà-mình", "Nơi-khác"
ROLES = ("visitor", "learner", "trainer", "focal_point", "officer", "superuser")


@dataclass
class World:
    """One course with all that hangs on it; attributes are named as the table names them."""

    values: dict[str, Any]

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


@dataclass
class Cast:
    """Who asks to be let in: learner, trainer and focal point belong to the own world."""

    users: dict[str, User]

    def client(self, role: str) -> Client:
        client = Client(raise_request_exception=False)
        if role in self.users:
            client.force_login(self.users[role])
        return client


def build() -> tuple[Cast, World, World]:
    """The cast, its own world and a foreign one."""
    trainer = factories.UserFactory(trainer=True)
    stranger = factories.UserFactory(trainer=True)
    own = _world(OWN, trainer)
    foreign = _world(FOREIGN, stranger)
    users = {
        "learner": own["learner"],
        "trainer": trainer,
        "focal_point": factories.UserFactory(
            focal_point=True, focal_point_of=[Agency.objects.get(pk=own["agency"])]
        ),
        "officer": factories.UserFactory(officer=True),
        "superuser": factories.superuser(),
    }
    # However long the asking takes, the service is healthy.
    Heartbeat.objects.create(name="one", beat_at=timezone.now() + timedelta(days=1))
    return Cast(users), own, foreign


def _only_for(agency: Agency, run: CourseRun) -> CourseRun:
    """Open to the people of this agency, and of no concern to any other."""
    run.agencies.add(agency)
    CourseRun.objects.filter(pk=run.pk).update(open_to=CourseRun.OpenTo.AGENCIES)
    return run


def _world(name: str, trainer: User) -> World:
    """What is not for everyone's eyes carries the name: people, agency, classes, questions."""
    now = timezone.now()
    today = timezone.localdate(now)
    agency: Agency = factories.AgencyFactory(name=f"Sở {name}")
    person = factories.PersonFactory(agency=agency, full_name=f"Trần {name}")
    learner = factories.UserFactory(person=person)
    course = factories.CourseFactory(trainers=[trainer], title="Chuyên gia đánh giá nội bộ")
    lesson = factories.lessons_of(course)[0]
    clip = Clip.objects.create(
        title="Phim bài 1",
        type="video",
        file=ContentFile(b"0123456789", name="clip.mp4"),
        duration=10,
    )
    LessonPage.objects.filter(pk=lesson.pk).update(clip=clip, captions="WEBVTT\n")
    rule = factories.IssuingRuleFactory(course=course)
    bank = factories.BankFactory(
        name=f"Ngân hàng {name}",
        members=[trainer],
        gift=factories.statements(6).replace("Câu", f"Câu {name}"),
    )
    quiz = factories.QuizFactory(course=course, bank=bank)
    Assessment.objects.filter(pk=quiz.assessment_id).update(title=f"Kiểm tra {name}")
    run = _only_for(agency, factories.RunFactory(course=course, name=f"Lớp {name}"))
    draft = factories.RunFactory(course=course, opened=False, name=f"Lớp nháp {name}")
    enrolment = factories.EnrolmentFactory(person=person, run=run, watched=True)
    attempts.finish(
        attempt_id=attempts.start(quiz=quiz, enrolment=enrolment, at=now - timedelta(hours=9)).pk,
        at=now - timedelta(hours=8),
    )
    attempt = attempts.start(quiz=quiz, enrolment=enrolment, at=now)
    accommodation = accommodating.give(
        quiz_id=quiz.pk,
        person=person,
        extra_minutes=10,
        reason=f"Mất điện ở {name}",
        by=trainer,
        at=now,
    )
    written = factories.written(
        factories.quiz_with_long_answer(course=factories.CourseFactory(trainers=[trainer])),
        person=person,
    )
    long_answer = marking_queue.claim(user=trainer, quiz=written.quiz, at=now + timedelta(days=1))
    assert long_answer is not None
    conflict = EvidenceConflict.objects.create(
        enrolment=enrolment, event="participated", found_at=now, resting=["Số liệu đã báo cáo"]
    )
    former = _only_for(agency, factories.RunFactory(course=course, name=f"Lớp cũ {name}"))
    certificate = factories.filed_certificate(rule=rule, person=person, run=former)
    full = _only_for(
        agency, factories.RunFactory(course=course, name=f"Lớp đầy {name}", capacity=1)
    )
    factories.EnrolmentFactory(run=full, person=factories.PersonFactory(agency=agency))
    asked_for = ask(person=person, run_id=full.pk, at=now)
    assert isinstance(asked_for, Asked)
    enrolment_list = receive_lines(
        run_id=run.pk,
        text=f"Trần {name}",
        by=factories.UserFactory(officer=True),
        at=now,
    )
    entry = certificate.entries.order_by("position")[0]
    status_lists.place(entry)
    result_sheet = factories.scanned_result_sheet(enrolment, quiz.assessment)
    handed_in = factories.handed_in_file(enrolment, f"Tình huống {name}")
    system = form_system(name=f"HTQLCL {agency.pk}", agencies=[agency], on=today)
    decision = register_document(number=f"{agency.pk}/QĐ", issuer="UBND tỉnh", issued_on=today)
    programme = adopt_programme(slug=f"p{agency.pk}", name=f"Đề án {agency.pk}", starts_on=today)
    phase = add_phase(programme=programme, order=1, name="Giai đoạn 1", starts_on=today)
    meeting = factories.meeting(run, starts_in=-240)
    sheet = AttendanceSheet.objects.create(
        session=meeting, scan=ContentFile(b"%PDF-1.4 %%EOF", name="scan.pdf"), kept_at=now
    )
    upload = receive(
        bank=bank, file_name="q.gift", content=factories.statements(1).encode(), by=trainer, at=now
    )
    version = QuestionVersion.objects.filter(question__bank=bank).order_by("pk")[0]
    regrading = begin_regrade(version_id=version.pk, reason=f"Sai {name}", by=trainer, at=now)
    printed = draw_variants(quiz_id=quiz.pk, run_id=run.pk, count=2, at=now, by=trainer)
    batch = batching.begin(run_id=former.pk, enrolment_ids=[], by=trainer, at=now)
    assert batch
    issue_list = issue_lists.receive_lines(rule_id=rule.pk, text=name, by=trainer, at=now)
    image = get_image_model().objects.create(title="Dấu", file=get_test_image_file("seal.png"))
    document = get_document_model().objects.create(
        title="Mẫu số 01", file=ContentFile(b"Mau so 01", name="mau.txt")
    )
    return World(
        {
            "accommodation": accommodation.pk,
            "agency": agency.pk,
            "assessment": quiz.assessment_id,
            "assignment": handed_in.submission.assignment_id,
            "handed_in_file": handed_in.pk,
            "paper_test": add_assessment(course=course, title="Thi viết", required=False).pk,
            "result_sheet": result_sheet.pk,
            "submission": handed_in.submission_id,
            "asked": factories.question_to_trainers(enrolment, f"Câu hỏi {name}").pk,
            "attempt": attempt.pk,
            "bank": bank.pk,
            "brake": Brake.objects.create(
                rule=rule,
                cause=Brake.Cause.BY_HAND,
                pulled_at=now,
                released_at=now,
                released_by=trainer,
                release_reason="Đã kiểm tra",
            ).pk,
            "certificate": certificate.pk,
            "certificate_uuid": certificate.public_id,
            "clip": clip.pk,
            "conflict": conflict.pk,
            "collection": Collection.objects.get(depth=1).pk,
            "correction": Correction.objects.create(
                certificate=certificate,
                shown={"full_name": person.full_name},
                text=f"Sai tên {name}",
                asked_at=now,
                answer="Đã sửa",
                settled_at=now,
                settled_by=trainer,
            ).pk,
            "course": course.pk,
            "course_page": course.page.pk,
            "decision": decision.pk,
            "document": document.pk,
            "document_name": document.filename,
            "draft": draft.pk,
            "edition": course.edition_id,
            "enrolment": enrolment.pk,
            "enrolment_list": enrolment_list.pk,
            "enrolment_request": asked_for.request.pk,
            "entry": entry.pk,
            "group": Group.objects.order_by("pk")[0].pk,
            "image": image.pk,
            "learner": learner,
            "mail": factories.failed_mail().pk,
            "issue_batch": batch.pk,
            "issue_list": issue_list.pk,
            "lesson": lesson.pk,
            "long_answer": long_answer.pk,
            "meeting": meeting.pk,
            "lesson_url": lesson.url.strip("/"),
            "person": person.pk,
            "personal_token": tokens.make(user=learner, name=name, days=30, at=now).token.pk,
            "phase": phase.pk,
            "printed_test": printed.pk,
            "printed_variant": printed.variants.order_by("code")[0].pk,
            "programme": programme.pk,
            "qr": filing.qr_address(entry).rsplit("/T/")[1],
            "question": bank.questions.order_by("pk")[0].pk,
            "quiz": quiz.pk,
            "register": rule.register_id,
            "register_code": rule.register.code,
            "regrading": regrading.pk,
            "revision": lesson.latest_revision_id,
            "rule": rule.pk,
            "run": run.pk,
            "share_token": sharing.share(certificate=certificate, at=now).token,
            "sheet": sheet.pk,
            "site": Site.objects.get().pk,
            "system": system.pk,
            "task": Task.objects.get().pk,
            "template": create_template(name=f"Mẫu {name}", language="vi", at=now).pk,
            "version": version.pk,
            "unit": agency.territory_id,
            "upload": upload.pk,
            "user": learner.pk,
            "workflow": Workflow.objects.get().pk,
        }
    )
