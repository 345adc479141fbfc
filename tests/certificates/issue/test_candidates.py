import io
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from certificates.holder import holding
from certificates.issue import candidates, filing, issuing
from certificates.models import Certificate, IssuingRule, RegisterEntry
from courses import asking
from courses.models import CourseRun, Enrolment, EvidenceConflict
from courses.paper.entering import Mark, enter_marks
from courses.running import close_run
from people.models import Person
from tests import factories
from tests.staff import at_work, said
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()
AFTER_REVIEW = IssuingRule.IssuedWhen.AFTER_REVIEW


def reviewed_run(people: int = 3) -> CourseRun:
    """A closed run whose certificates wait for an officer."""
    rule = factories.IssuingRuleFactory(issued_when=AFTER_REVIEW)
    run: CourseRun = factories.RunFactory(course=rule.course)
    for _number in range(people):
        factories.EnrolmentFactory(run=run, completed=True)
    factories.EnrolmentFactory(run=run)
    return close_run(run_id=run.pk, at=timezone.now())


@pytest.fixture
def run() -> CourseRun:
    return reviewed_run()


@pytest.fixture
def officer() -> Any:
    return at_work(factories.UserFactory(officer=True))


def completed(run: CourseRun) -> list[Enrolment]:
    return list(candidates.completed(run))


def look(run: CourseRun) -> list[candidates.Candidate]:
    rule = candidates.rule_of(run)
    assert rule is not None
    return candidates.look_at(completed(run), rule=rule, at=NOW)


def url(run: CourseRun) -> str:
    return reverse("candidates", args=[run.pk])


# --- When certificates are issued -----------------------------------------------------------------


def test_where_an_officer_looks_first_completing_issues_nothing(run: CourseRun) -> None:
    assert len(completed(run)) == 3
    assert not Certificate.objects.exists()
    assert issuing.finish_unfinished(NOW) == 0


def test_the_usual_rule_issues_at_once() -> None:
    assert factories.IssuingRuleFactory().issued_when == IssuingRule.IssuedWhen.COMPLETED
    assert factories.pending_certificate()


# --- What is shown --------------------------------------------------------------------------------


def test_a_candidate_shows_what_would_be_printed_without_a_number(run: CourseRun) -> None:
    first = look(run)[0]
    person = first.enrolment.person
    assert first.ready
    assert first.content["full_name"] == person.full_name
    assert first.content["number"] == first.content["register_entry_number"] == "–"
    assert not RegisterEntry.objects.exists()


def test_what_stands_in_the_way_is_named(run: CourseRun) -> None:
    strange, doubtful, plain = (one.enrolment for one in look(run))
    Person.objects.filter(pk=strange.person_id).update(full_name="王小明")
    EvidenceConflict.objects.create(
        enrolment=doubtful, event=EvidenceConflict.Event.COMPLETED, found_at=NOW
    )
    Person.objects.filter(pk=plain.person_id).update(date_of_birth=None)
    found = {one.enrolment.pk: one for one in look(run)}
    assert "王" in found[strange.pk].obstacles[0]
    assert found[doubtful.pk].obstacles
    assert not found[doubtful.pk].ready
    assert found[plain.pk].ready
    assert found[plain.pk].warnings


def test_looking_costs_the_same_however_many_candidates() -> None:
    counts = []
    for people in (1, 12):
        run = reviewed_run(people)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert len(look(run)) == people
        counts.append(len(captured))
    assert counts[0] == counts[1] <= 4


def test_the_preview_is_a_paper_that_says_so_and_nothing_is_written(
    run: CourseRun, officer: Any
) -> None:
    enrolment = completed(run)[0]
    answer = officer.get(reverse("candidate_preview", args=[run.pk, enrolment.pk]))
    assert answer.headers["Content-Type"] == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.content))
    text = " ".join(reader.pages[0].extract_text().split())
    assert len(reader.pages) == 1
    assert "XEM TRƯỚC" in text
    assert enrolment.person.full_name in text
    assert "0001/" not in text
    assert not Certificate.objects.exists()
    assert not RegisterEntry.objects.exists()


def test_a_certificate_that_is_issued_says_nothing_of_a_preview(run: CourseRun) -> None:
    candidates.issue(run_id=run.pk, enrolment_ids=[completed(run)[0].pk], at=NOW)
    certificate = issuing.issue(certificate_id=Certificate.objects.get().pk, at=NOW)
    assert certificate is not None
    pdf = filing.make_file(certificate.entries.order_by("position")[0])
    assert "XEM TRƯỚC" not in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()


def test_a_paper_that_cannot_be_drawn_has_no_preview_but_a_reason(
    run: CourseRun, officer: Any
) -> None:
    enrolment = completed(run)[0]
    Person.objects.filter(pk=enrolment.person_id).update(full_name="王小明")
    answer = officer.get(reverse("candidate_preview", args=[run.pk, enrolment.pk]), follow=True)
    assert "王" in said(answer)


# --- Issuing --------------------------------------------------------------------------------------


def test_those_chosen_are_asked_about_once_more_and_then_issued(
    run: CourseRun, officer: Any
) -> None:
    first, second, _third = completed(run)
    chosen = {"candidate": [first.pk, second.pk]}
    asked = officer.post(url(run), chosen)
    assert asked.status_code == 200
    assert [one.enrolment for one in asked.context["ready"]] == [first, second]
    assert not Certificate.objects.exists()
    done = officer.post(url(run), chosen | {"confirmed": "1"})
    assert done.status_code == 302
    assert {one.enrolment for one in Certificate.objects.all()} == {first, second}
    issued = f"{url(run)}?shown=issued"
    page = officer.get(issued)
    assert page.context["under_way"] == 2
    for certificate in Certificate.objects.all():
        issuing.issue(certificate_id=certificate.pk, at=timezone.now())
    page = officer.get(issued)
    assert page.context["under_way"] == 0
    assert b"0001/" in page.content


def test_all_who_are_ready_can_be_issued_and_the_others_are_left_out(
    run: CourseRun, officer: Any
) -> None:
    strange = completed(run)[0]
    Person.objects.filter(pk=strange.person_id).update(full_name="王小明")
    asked = officer.post(url(run), {"all": "1"})
    assert (len(asked.context["ready"]), asked.context["left_out"]) == (2, 1)
    officer.post(url(run), {"confirmed": "1", "candidate": [one.pk for one in completed(run)]})
    assert Certificate.objects.count() == 2
    assert not Certificate.objects.filter(enrolment=strange).exists()


@pytest.mark.parametrize(
    "posted", [{}, {"candidate": "x"}, {"candidate": "9" * 30}, {"candidate": "٣"}]
)
def test_choosing_nobody_issues_nothing(run: CourseRun, officer: Any, posted: Any) -> None:
    answer = officer.post(url(run), posted | {"confirmed": "1"}, follow=True)
    assert "Nothing was changed" in said(answer)
    assert not Certificate.objects.exists()


def test_nobody_of_another_run_or_who_has_not_completed_is_issued(
    run: CourseRun, officer: Any
) -> None:
    stranger = completed(reviewed_run(1))[0]
    going = Enrolment.objects.get(run=run, completed_at__isnull=True)
    officer.post(url(run), {"confirmed": "1", "candidate": [stranger.pk, going.pk]})
    assert candidates.issue(run_id=run.pk, enrolment_ids=[stranger.pk, going.pk], at=NOW) == 0
    assert not Certificate.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_once_issue_once() -> None:
    run = reviewed_run()
    ids = [one.pk for one in completed(run)]
    answers = together(
        [lambda: candidates.issue(run_id=run.pk, enrolment_ids=ids, at=NOW) for _number in range(2)]
    )
    assert sorted(str(answer) for answer in answers) == ["0", "3"]
    assert Certificate.objects.count() == 3


def test_a_course_without_a_rule_says_so(officer: Any) -> None:
    run = factories.RunFactory()
    factories.EnrolmentFactory(run=run, completed=True)
    assert officer.get(url(run)).context["rule"] is None
    assert officer.post(url(run), {"all": "1"}).status_code == 302
    assert candidates.issue(run_id=run.pk, enrolment_ids=[1], at=NOW) == 0


def test_trainers_and_focal_points_issue_nothing(run: CourseRun) -> None:
    trainer = factories.UserFactory(trainer=True)
    run.trainers.add(trainer)
    for user in (trainer, factories.UserFactory(focal_point=True)):
        staff = at_work(user)
        posted = {"confirmed": "1", "all": "1"}
        assert staff.get(url(run)).status_code in (302, 404)
        assert staff.post(url(run), posted).status_code in (302, 404)
    assert not Certificate.objects.exists()
    page = at_work(trainer).get(reverse("runs:inspect", args=[run.pk]))
    assert url(run) not in page.content.decode()


def test_the_run_leads_officers_to_its_candidates(run: CourseRun, officer: Any) -> None:
    page = officer.get(reverse("runs:inspect", args=[run.pk]))
    assert url(run) in page.content.decode()


# --- What the rooms below ask ---------------------------------------------------------------------


def test_a_certificate_is_what_rests_on_an_enrolment() -> None:
    certificate = factories.pending_certificate()
    enrolment = certificate.enrolment
    assert enrolment is not None
    free = factories.EnrolmentFactory()
    assert asking.consequences([free, enrolment.person]) == []
    assert len(asking.consequences([enrolment])) == 1
    assert asking.printed_numbers([enrolment, free]) == {}
    issued = issuing.issue(certificate_id=certificate.pk, at=NOW)
    assert issued is not None
    number = issued.entries.order_by("position")[0].number
    assert number is not None
    assert number in asking.consequences([enrolment])[0]
    assert asking.printed_numbers([enrolment, free]) == {enrolment.pk: number}
    assert holding.of_enrolments([]) == []


def test_a_correction_takes_nothing_back_on_which_a_certificate_rests() -> None:
    certificate = factories.pending_certificate()
    enrolment = certificate.enrolment
    assert enrolment is not None
    result = enrolment.results.get()
    enter_marks(
        run_id=enrolment.run_id,
        assessment_id=result.assessment_id,
        taken_on=timezone.localdate(result.decided_at),
        max_score=result.max_score,
        marks=[Mark(enrolment.pk, Decimal(1), seen=result.score)],
        reason="Chấm lại",
        at=timezone.now(),
    )
    enrolment.refresh_from_db()
    assert not enrolment.results.get().passed
    assert enrolment.completed_at is not None
    conflict = EvidenceConflict.objects.get(enrolment=enrolment)
    assert conflict.event == EvidenceConflict.Event.COMPLETED
    assert conflict.resting == asking.consequences([enrolment])
