"""Enrolling many by a list: matching, deciding, working off, undoing; also twice and at once."""

import io
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone, translation
from openpyxl import Workbook, load_workbook

from agencies.models import Agency
from courses.enrolling import EnrolmentRefused, ask, enrol
from courses.lists import counting, working
from courses.lists.receiving import gather_list, receive_lines, receive_list
from courses.lists.refusing import FileRefused, ListRefused
from courses.lists.reporting import report
from courses.lists.resolving import (
    AGAIN,
    CREATE,
    SKIP,
    create_unknown,
    discard_list,
    pick_agencies,
    resolve_rows,
    skip_unresolved,
)
from courses.lists.undoing import undo_list
from courses.lists.working import carry_on, start_list
from courses.models import (
    AssessmentResult,
    Attendance,
    CourseRun,
    Enrolment,
    EnrolmentList,
    EnrolmentListRow,
    Invitation,
)
from courses.results import record_result
from courses.running import close_run, open_run
from courses.waiting import fill_seats
from courses.withdrawing import withdraw
from jobs.models import Progress
from people.models import Person, Posting, User
from tests import factories
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()
HEADINGS = ("TT", "Họ và tên", "Ngày sinh", "Cơ quan", "Chức vụ", "Email")
State = EnrolmentListRow.State
Outcome = EnrolmentListRow.Outcome
BORN = date(1985, 9, 2)


@pytest.fixture(autouse=True)
def english() -> object:
    with translation.override("en"):
        yield


@pytest.fixture
def officer() -> User:
    user: User = factories.UserFactory(officer=True)
    return user


def workbook(*rows: Sequence[Any], headings: Sequence[Any] = HEADINGS) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["DANH SÁCH HỌC VIÊN"])
    sheet.append([])
    sheet.append(list(headings))
    for row in rows:
        sheet.append(list(row))
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def received(run: CourseRun, by: User, *rows: Sequence[Any]) -> EnrolmentList:
    numbered = [(number, *row) for number, row in enumerate(rows, start=1)]
    return receive_list(
        run_id=run.pk, file_name="ds.xlsx", content=workbook(*numbered), by=by, at=NOW
    )


def states(found: EnrolmentList) -> list[str]:
    return list(found.rows.order_by("number").values_list("state", flat=True))


def outcomes(found: EnrolmentList) -> list[str]:
    return list(found.rows.order_by("number").values_list("outcome", flat=True))


def work_off(found: EnrolmentList, by: User, at: Any = NOW) -> None:
    start_list(list_id=found.pk, by=by, at=at)
    while carry_on(list_id=found.pk, at=at):
        pass
    found.refresh_from_db()


def agency_of(person: Person) -> Agency:
    found = person.agency(on=timezone.localdate())
    assert found
    return found


def test_a_title_that_begins_like_a_heading_is_none(officer: User) -> None:
    text = "Học viên lớp ISO 9001\nTT\tHọ và tên\tNgày sinh\n1\tLê Thị Thủy\t01/02/1980"
    found = receive_lines(run_id=factories.RunFactory().pk, text=text, by=officer, at=NOW)
    assert [row.full_name for row in found.rows.all()] == ["Lê Thị Thủy"]


def test_without_a_birth_date_names_of_other_marks_are_other_people(officer: User) -> None:
    run, agency = factories.RunFactory(), factories.AgencyFactory()
    hoa = factories.PersonFactory(full_name="Nguyễn Thị Hoa", agency=agency, date_of_birth=None)
    names = ("Nguyễn Thị Hòa", "NGUYEN THI HOA", "Lê Thị Thủy", "Lê Thị Thúy", "Lê Thị Thuý")
    found = received(run, officer, *((name, None, agency.name) for name in names))
    assert states(found) == [
        State.AMBIGUOUS,
        State.READY,
        State.UNKNOWN,
        State.UNKNOWN,
        State.DUPLICATE,
    ]
    other = found.rows.get(full_name="Nguyễn Thị Hòa")
    assert other.candidates == [hoa.pk]
    resolve_rows(list_id=found.pk, decisions={other.pk: CREATE}, by=officer)
    create_unknown(list_id=found.pk)
    work_off(found, officer)
    assert {one.person.full_name for one in run.enrolments.all()} == {
        "Nguyễn Thị Hòa",
        "Nguyễn Thị Hoa",
        "Lê Thị Thủy",
        "Lê Thị Thúy",
    }


def test_an_agency_is_picked_once_also_for_rows_that_repeat_others(officer: User) -> None:
    agency = factories.AgencyFactory()
    rows = [("Lê Thị Thủy", BORN, "Phòng lạ")] * 2
    found = received(factories.RunFactory(), officer, *rows)
    key = found.rows.order_by("number")[0].agency_key
    assert pick_agencies(list_id=found.pk, picked={key: agency.pk}) == 2
    assert states(found) == [State.UNKNOWN, State.DUPLICATE]


# --- Matching -------------------------------------------------------------------------------------


def test_a_known_person_is_found_without_diacritics_and_an_unknown_one_is_said_to_be(
    officer: User,
) -> None:
    person = factories.PersonFactory(full_name="Trần Văn Đức")
    agency = agency_of(person)
    found = received(
        factories.RunFactory(),
        officer,
        ("TRAN VAN DUC", BORN, agency.name.upper()),
        ("Lê Thị Mới", "15/10/1990", agency.name),
    )
    known, unknown = found.rows.order_by("number")
    assert (known.state, known.person, known.number) == (State.READY, person, 4)
    assert (unknown.state, unknown.agency) == (State.UNKNOWN, agency)
    assert unknown.date_of_birth == date(1990, 10, 15)


def test_a_short_form_of_an_agency_is_the_agency(officer: User) -> None:
    agency = factories.AgencyFactory(name="Ủy ban nhân dân xã Vạn Bình")
    person = factories.PersonFactory(agency=agency)
    found = received(factories.RunFactory(), officer, (person.full_name, BORN, "UBND xã Vạn Bình"))
    assert states(found) == [State.READY]


def test_namesakes_who_differ_in_one_thing_are_for_a_person_to_tell_apart(officer: User) -> None:
    agency, other = factories.AgencyFactory.create_batch(2)
    name = "Nguyễn Thị Hoa"
    moved = factories.PersonFactory(full_name=name, agency=other)
    undated = factories.PersonFactory(full_name=name, agency=agency, date_of_birth=None)
    factories.PersonFactory(full_name=name, agency=other, date_of_birth=date(1970, 1, 1))
    found = received(
        factories.RunFactory(), officer, (name, BORN, agency.name), (name, None, agency.name)
    )
    first, second = found.rows.order_by("number")
    assert (first.state, first.candidates) == (State.AMBIGUOUS, [moved.pk, undated.pk])
    # Without a birth date in either, name and agency say the same of one person.
    assert (second.state, second.person) == (State.READY, undated)


def test_two_of_the_same_name_and_birth_date_in_an_agency_are_not_guessed(officer: User) -> None:
    agency = factories.AgencyFactory()
    twins = factories.PersonFactory.create_batch(2, full_name="Lê Văn An", agency=agency)
    found = received(factories.RunFactory(), officer, ("Lê Văn An", BORN, agency.name))
    row = found.rows.get()
    assert (row.state, row.candidates) == (State.AMBIGUOUS, [one.pk for one in twins])
    resolve_rows(list_id=found.pk, decisions={row.pk: twins[1].pk}, by=officer)
    row.refresh_from_db()
    assert (row.state, row.person) == (State.READY, twins[1])


def test_who_serves_elsewhere_by_now_is_not_taken_for_a_stranger(officer: User) -> None:
    person = factories.PersonFactory()
    Posting.objects.filter(person=person).update(left_on=timezone.localdate() - timedelta(days=9))
    Posting.objects.create(
        person=person, agency=factories.AgencyFactory(), joined_on=timezone.localdate()
    )
    old = Posting.objects.filter(person=person, left_on__isnull=False).get().agency
    found = received(factories.RunFactory(), officer, (person.full_name, BORN, old.name))
    assert found.rows.get().candidates == [person.pk]


def test_twice_in_the_file_and_enrolled_already_are_said(officer: User) -> None:
    run = factories.RunFactory()
    sitting = factories.EnrolmentFactory(run=run).person
    person = factories.PersonFactory(full_name="Võ Thị Bích Hạnh")
    agency = agency_of(person)
    found = received(
        run,
        officer,
        (sitting.full_name, BORN, agency_of(sitting).name),
        (person.full_name, BORN, agency.name),
        (person.full_name, BORN, agency.name),
        ("Người Mới", BORN, agency.name),
        ("Người Mới", BORN, agency.name),
    )
    assert states(found) == [
        State.SITTING,
        State.READY,
        State.DUPLICATE,
        State.UNKNOWN,
        State.DUPLICATE,
    ]
    assert found.rows.get(number=6).note == "As row 5"


def test_an_unknown_agency_is_picked_once_for_all_rows_that_name_it(officer: User) -> None:
    person = factories.PersonFactory()
    agency = agency_of(person)
    found = received(
        factories.RunFactory(),
        officer,
        (person.full_name, BORN, "Xã Vĩnh (cũ)"),
        ("Người Mới", BORN, "xã  vĩnh (CŨ)"),
        ("Người Khác", BORN, "Không rõ"),
        ("Người Khác Nữa", None, None),
    )
    assert states(found) == [State.NO_AGENCY] * 4
    names = counting.unrecognised(found)
    assert [(one.text, one.rows) for one in names] == [
        ("Xã Vĩnh (cũ)", 2),
        ("Không rõ", 1),
        ("", 1),
    ]
    assert pick_agencies(list_id=found.pk, picked={names[0].key: agency.pk}) == 2
    assert states(found) == [State.READY, State.UNKNOWN, State.NO_AGENCY, State.NO_AGENCY]
    assert pick_agencies(list_id=found.pk, picked={names[1].key: 0}) == 0


def test_everyone_who_serves_in_agencies_levels_or_a_phase_is_a_list_without_questions(
    officer: User,
) -> None:
    people = factories.PersonFactory.create_batch(2, full_name="Lê Văn An")
    factories.PersonFactory()
    run = factories.RunFactory()
    agencies = [agency_of(person) for person in people]
    found = gather_list(run_id=run.pk, by=officer, at=NOW, agencies=agencies)
    assert [row.person for row in found.rows.order_by("number")] == people
    again = gather_list(run_id=run.pk, by=officer, at=NOW, agencies=agencies)
    assert again == found
    work_off(found, officer)
    assert run.enrolments.count() == 2
    everyone = gather_list(run_id=run.pk, by=officer, at=NOW, levels=["commune"])
    assert counting.by_state(everyone) == {State.SITTING: 2, State.READY: 1}
    with pytest.raises(FileRefused, match="nobody"):
        gather_list(run_id=run.pk, by=officer, at=NOW, levels=["province"])


# --- Focal points ---------------------------------------------------------------------------------


def test_a_focal_point_brings_the_people_of_the_own_agency_only() -> None:
    person, stranger = factories.PersonFactory.create_batch(2, full_name="Lê Văn An")
    agency = agency_of(person)
    by = factories.UserFactory(focal_point=True, focal_point_of=[agency])
    found = received(
        factories.RunFactory(),
        by,
        (person.full_name, BORN, None),
        (stranger.full_name, BORN, agency_of(stranger).name),
        ("Người Mới", BORN, agency.name),
    )
    assert states(found) == [State.READY, State.FOREIGN, State.UNKNOWN]
    assert pick_agencies(list_id=found.pk, picked={"": agency_of(stranger).pk}) == 0
    create_unknown(list_id=found.pk)
    work_off(found, by)
    assert outcomes(found) == [Outcome.ENROLLED, "", Outcome.ENROLLED]


def test_a_focal_point_neither_sees_nor_doubles_whom_another_agency_has() -> None:
    stranger = factories.PersonFactory()
    agency = factories.AgencyFactory()
    by = factories.UserFactory(focal_point=True, focal_point_of=[agency])
    found = received(factories.RunFactory(), by, (stranger.full_name, BORN, agency.name))
    row = found.rows.get()
    assert row.state == State.AMBIGUOUS
    for decision in (CREATE, stranger.pk):
        assert resolve_rows(list_id=found.pk, decisions={row.pk: decision}, by=by) == 0
    officer = factories.UserFactory(officer=True)
    assert resolve_rows(list_id=found.pk, decisions={row.pk: CREATE}, by=officer) == 1


def test_a_focal_point_of_two_agencies_learns_nothing_of_people_of_others() -> None:
    own, stranger = factories.PersonFactory(), factories.PersonFactory()
    agencies = [agency_of(own), factories.AgencyFactory()]
    by = factories.UserFactory(focal_point=True, focal_point_of=agencies)
    rows = [(one.full_name, BORN, None) for one in (own, stranger)]
    found = received(factories.RunFactory(), by, *rows, ("Không Có Ai", BORN, None))
    assert states(found) == [State.READY, State.NO_AGENCY, State.NO_AGENCY]
    assert [row.candidates for row in found.rows.order_by("number")] == [[], [], []]


def test_who_enrols_nobody_brings_no_list() -> None:
    run = factories.RunFactory()
    for user in (factories.UserFactory(), factories.UserFactory(trainer=True)):
        with pytest.raises(PermissionDenied):
            receive_lines(run_id=run.pk, text="Lê Văn An", by=user, at=NOW)
        with pytest.raises(PermissionDenied):
            gather_list(run_id=run.pk, by=user, at=NOW, levels=["commune"])


# --- Deciding and working off ---------------------------------------------------------------------


def test_nothing_begins_while_a_row_waits_for_a_decision(officer: User) -> None:
    agency = factories.AgencyFactory()
    found = received(
        factories.RunFactory(), officer, ("Một", BORN, agency.name), ("Hai", BORN, "Không rõ")
    )
    with pytest.raises(ListRefused, match="wait for a decision"):
        start_list(list_id=found.pk, by=officer, at=NOW)
    assert create_unknown(list_id=found.pk) == 1
    assert skip_unresolved(list_id=found.pk) == 1
    work_off(found, officer)
    assert outcomes(found) == [Outcome.ENROLLED, ""]
    with pytest.raises(ListRefused, match="begun"):
        create_unknown(list_id=found.pk)
    with pytest.raises(ListRefused, match="begun"):
        discard_list(list_id=found.pk)


def test_a_decision_can_be_taken_back(officer: User) -> None:
    agency = factories.AgencyFactory()
    found = received(factories.RunFactory(), officer, ("Một", BORN, agency.name))
    row = found.rows.get()
    for decision, state in (
        (SKIP, State.SKIPPED),
        (AGAIN, State.UNKNOWN),
        (CREATE, State.NEW),
        (AGAIN, State.UNKNOWN),
    ):
        resolve_rows(list_id=found.pk, decisions={row.pk: decision}, by=officer)
        row.refresh_from_db()
        assert row.state == state
    skip_unresolved(list_id=found.pk)
    with pytest.raises(ListRefused, match="nobody"):
        start_list(list_id=found.pk, by=officer, at=NOW)


def test_created_people_have_a_name_a_posting_and_a_history(officer: User) -> None:
    agency = factories.AgencyFactory()
    run = factories.RunFactory()
    found = received(
        run, officer, ("NGUYỄN VĂN ÁNH", "02/09/85", agency.name, "Chuyên viên", "anh@x.gov.vn")
    )
    create_unknown(list_id=found.pk)
    work_off(found, officer)
    person = Person.objects.get()
    assert (person.full_name, person.date_of_birth) == ("Nguyễn Văn Ánh", BORN)
    assert (person.email, person.search_text) == ("anh@x.gov.vn", "nguyen van anh")
    posting = person.postings.get()
    assert (posting.agency, posting.position) == (agency, "Chuyên viên")
    assert posting.joined_on == timezone.localdate(NOW)
    history = person.history.get()
    assert (history.history_user, history.history_date) == (officer, NOW)
    enrolment = Enrolment.objects.get()
    assert (enrolment.person, enrolment.agency, enrolment.enrolled_by) == (person, agency, officer)
    assert (found.state, found.finished_at) == (EnrolmentList.State.DONE, NOW)
    assert found.work.state == Progress.State.FINISHED
    assert (found.work.done, found.work.total) == (1, 1)
    sheet = load_workbook(io.BytesIO(report(found))).active
    assert sheet is not None
    assert [cell.value for cell in sheet[4]][:2] == [4, "Nguyễn Văn Ánh"]


def test_the_same_file_again_changes_nothing(officer: User) -> None:
    run, agency = factories.RunFactory(), factories.AgencyFactory()
    row = ("Người Mới", BORN, agency.name)
    found = received(run, officer, row)
    assert received(run, officer, row) == found
    create_unknown(list_id=found.pk)
    work_off(found, officer)
    assert start_list(list_id=found.pk, by=officer, at=NOW).work == found.work
    again = received(run, officer, row)
    assert again != found
    assert states(again) == [State.SITTING]
    assert (Person.objects.count(), Enrolment.objects.count()) == (1, 1)


def test_a_full_run_puts_the_rest_on_the_waiting_list(officer: User) -> None:
    run, agency = factories.RunFactory(capacity=2), factories.AgencyFactory()
    found = received(run, officer, *((f"Người Số {w}", BORN, agency.name) for w in "ABC"))
    create_unknown(list_id=found.pk)
    work_off(found, officer)
    assert outcomes(found) == [Outcome.ENROLLED, Outcome.ENROLLED, Outcome.WAITING]
    CourseRun.objects.filter(pk=run.pk).update(capacity=3)
    fill_seats(run_id=run.pk, at=NOW)
    assert run.enrolments.active().count() == 3


def test_a_run_that_closes_meanwhile_creates_nobody(officer: User) -> None:
    run, agency = factories.RunFactory(), factories.AgencyFactory()
    found = received(run, officer, ("Người Mới", BORN, agency.name))
    create_unknown(list_id=found.pk)
    start_list(list_id=found.pk, by=officer, at=NOW)
    CourseRun.objects.filter(pk=run.pk).update(state=CourseRun.State.CLOSED)
    while carry_on(list_id=found.pk, at=NOW):
        pass
    row = found.rows.get()
    assert (row.outcome, row.note) == (Outcome.REFUSED, "This run is not open for enrolment.")
    assert not Person.objects.exists()


def test_nobody_is_created_whom_the_run_cannot_take(officer: User) -> None:
    first = factories.CourseFactory()
    run, agency = factories.RunFactory(), factories.AgencyFactory()
    run.course.prerequisites.add(first)
    known = factories.EnrolmentFactory(run=factories.RunFactory(course=first), completed=True)
    people = Person.objects.count()
    found = received(
        run,
        officer,
        ("Người Mới", BORN, agency.name),
        (known.person.full_name, known.person.date_of_birth, str(agency_of(known.person))),
    )
    create_unknown(list_id=found.pk)
    work_off(found, officer)
    assert outcomes(found) == [Outcome.REFUSED, Outcome.ENROLLED]
    assert first.title in found.rows.order_by("number")[0].note
    assert Person.objects.count() == people


def test_a_namesake_whom_the_officer_did_not_choose_is_created_beside(officer: User) -> None:
    person = factories.PersonFactory()
    Person.objects.filter(pk=person.pk).update(date_of_birth=None)
    found = received(
        factories.RunFactory(), officer, (person.full_name, BORN, agency_of(person).name)
    )
    row = found.rows.get()
    assert row.state == State.AMBIGUOUS
    resolve_rows(list_id=found.pk, decisions={row.pk: CREATE}, by=officer)
    work_off(found, officer)
    assert Person.objects.count() == 2


def test_a_list_that_is_thrown_away_keeps_no_names(officer: User) -> None:
    found = received(factories.RunFactory(), officer, ("Một", BORN, "x"))
    discard_list(list_id=found.pk)
    assert not EnrolmentListRow.objects.exists()
    with pytest.raises(ListRefused):
        create_unknown(list_id=found.pk)


def test_a_list_can_invite_to_a_draft_and_those_invited_enrol_by_themselves(officer: User) -> None:
    run, agency = factories.RunFactory(opened=False), factories.AgencyFactory()
    CourseRun.objects.filter(pk=run.pk).update(open_to=CourseRun.OpenTo.INVITED)
    content = workbook((1, "Người Mới", BORN, agency.name))
    found = receive_list(
        run_id=run.pk, file_name="a.xlsx", content=content, by=officer, at=NOW, invites=True
    )
    create_unknown(list_id=found.pk)
    work_off(found, officer)
    assert outcomes(found) == [Outcome.INVITED]
    guest = Person.objects.get()
    open_run(run_id=run.pk, at=NOW)
    with pytest.raises(EnrolmentRefused):
        enrol(person=factories.PersonFactory(), run_id=run.pk, at=NOW)
    assert enrol(person=guest, run_id=run.pk, at=NOW).created
    undo_list(list_id=found.pk, by=officer, at=NOW)
    while carry_on(list_id=found.pk, at=NOW):
        pass
    assert outcomes(found) == [Outcome.UNDONE]
    assert not Invitation.objects.exists()
    assert run.enrolments.active().count() == 1


# --- Undoing --------------------------------------------------------------------------------------


def test_within_the_hour_a_list_is_undone_except_what_something_rests_on(officer: User) -> None:
    run, agency = factories.RunFactory(), factories.AgencyFactory()
    back = factories.EnrolmentFactory(run=run)
    withdraw(enrolment_id=back.pk, at=NOW)
    found = received(
        run,
        officer,
        ("Đã Học", BORN, agency.name),
        ("Chưa Học", BORN, agency.name),
        (back.person.full_name, BORN, agency_of(back.person).name),
    )
    create_unknown(list_id=found.pk)
    work_off(found, officer)
    assert outcomes(found) == [Outcome.ENROLLED] * 3
    studied = run.enrolments.get(person__full_name="Đã Học")
    factories.watch(studied, studied.run.lessons.all()[0].page, at=NOW)
    undo_list(list_id=found.pk, by=officer, at=NOW + timedelta(minutes=59))
    while carry_on(list_id=found.pk, at=NOW):
        pass
    found.refresh_from_db()
    assert outcomes(found) == [Outcome.KEPT, Outcome.UNDONE, Outcome.UNDONE]
    assert found.state == EnrolmentList.State.UNDONE
    assert set(run.enrolments.all()) == {studied, back}
    back.refresh_from_db()
    assert back.withdrawn_at == NOW
    assert Person.objects.filter(full_name="Chưa Học").exists()
    assert undo_list(list_id=found.pk, by=officer, at=NOW).undoing == found.undoing


def test_who_came_back_by_a_list_and_has_learnt_since_stays(officer: User) -> None:
    run = factories.RunFactory(course=factories.CourseFactory(lessons=4))
    assessment = factories.assessment_of(run.course)
    idle, watcher, present, tested, mover = factories.EnrolmentFactory.create_batch(5, run=run)
    everybody = (idle, watcher, present, tested, mover)
    first, second = (lesson.page for lesson in run.lessons.order_by("order")[:2])
    meeting = factories.meeting(run)
    for one in everybody:
        factories.watch(one, first, at=NOW - timedelta(hours=2))
        withdraw(enrolment_id=one.pk, at=NOW - timedelta(hours=1), by=officer, reason="Bận")
    rows = [(one.person.full_name, BORN, agency_of(one.person).name) for one in everybody]
    found = received(run, officer, *rows)
    work_off(found, officer)
    assert outcomes(found) == [Outcome.ENROLLED] * 5
    since = NOW + timedelta(minutes=5)
    factories.watch(watcher, second, at=since)
    Attendance.objects.create(session=meeting, enrolment=present, present=True, entered_at=since)
    record_result(
        enrolment_id=tested.pk,
        assessment_id=assessment.pk,
        source=AssessmentResult.Source.PAPER,
        score=Decimal(3),
        max_score=Decimal(10),
        passed=False,
        decided_at=since,
        at=since,
    )
    withdraw(enrolment_id=mover.pk, at=since, by=officer, reason="Bận")
    enrol(person=mover.person, run_id=run.pk, at=since, by=officer)
    undo(found, officer, NOW + timedelta(minutes=9))
    assert outcomes(found) == [Outcome.UNDONE, *[Outcome.KEPT] * 4]
    assert set(run.enrolments.active()) == {watcher, present, tested, mover}


def test_who_had_asked_before_a_list_undone_after_closing_is_refused(officer: User) -> None:
    run = factories.RunFactory(needs_approval=True)
    person = factories.PersonFactory()
    request = ask(person=person, run_id=run.pk, at=NOW - timedelta(days=1)).request
    found = received(run, officer, (person.full_name, BORN, agency_of(person).name))
    work_off(found, officer)
    close_run(run_id=run.pk, at=NOW + timedelta(minutes=1))
    undo(found, officer, NOW + timedelta(minutes=5))
    request.refresh_from_db()
    assert (request.state, request.told_at) == ("refused", None)


def undo(found: EnrolmentList, by: User, at: Any) -> None:
    undo_list(list_id=found.pk, by=by, at=at)
    while carry_on(list_id=found.pk, at=at):
        pass


def test_who_had_asked_before_an_undone_list_waits_as_before(officer: User) -> None:
    run = factories.RunFactory(needs_approval=True)
    person = factories.PersonFactory()
    request = ask(person=person, run_id=run.pk, at=NOW - timedelta(days=1)).request
    found = received(run, officer, (person.full_name, BORN, agency_of(person).name))
    work_off(found, officer)
    undo(found, officer, NOW + timedelta(minutes=5))
    request.refresh_from_db()
    assert (request.state, request.decided_at) == ("asked", None)


def test_who_got_a_seat_after_the_list_was_done_is_undone_too(officer: User) -> None:
    run = factories.RunFactory(capacity=1)
    first, second = factories.PersonFactory.create_batch(2)
    rows = [(one.full_name, BORN, agency_of(one).name) for one in (first, second)]
    found = received(run, officer, *rows)
    work_off(found, officer)
    assert outcomes(found) == [Outcome.ENROLLED, Outcome.WAITING]
    sitting = run.enrolments.get()
    withdraw(enrolment_id=sitting.pk, at=NOW + timedelta(minutes=1), by=officer, reason="Bận")
    assert run.enrolments.active().get().person == second
    undo(found, officer, NOW + timedelta(minutes=5))
    assert outcomes(found) == [Outcome.KEPT, Outcome.UNDONE]
    assert list(run.enrolments.all()) == [sitting]


def test_after_the_hour_nothing_is_undone(officer: User) -> None:
    agency = factories.AgencyFactory()
    found = received(factories.RunFactory(), officer, ("Một", BORN, agency.name))
    with pytest.raises(ListRefused):
        undo_list(list_id=found.pk, by=officer, at=NOW)
    create_unknown(list_id=found.pk)
    work_off(found, officer)
    with pytest.raises(ListRefused, match="within an hour"):
        undo_list(list_id=found.pk, by=officer, at=NOW + timedelta(minutes=61))


# --- At once --------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_two_officers_with_the_same_list_create_and_enrol_everybody_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(working, "BATCH", 4)
    run = factories.RunFactory()
    agencies = factories.AgencyFactory.create_batch(3)
    rows = [
        (f"Người Số {chr(65 + number)}", BORN, agencies[number % 3].name) for number in range(12)
    ]
    officers = factories.UserFactory.create_batch(2, officer=True)
    lists = [received(run, by, *rows) for by in officers]
    assert lists[0] != lists[1]
    for found in lists:
        create_unknown(list_id=found.pk)

    def working_off(found: EnrolmentList, by: User) -> Any:
        return lambda: work_off(found, by)

    answers = together(
        [working_off(found, by) for found, by in zip(lists, officers, strict=True)] * 2
    )
    assert answers == [None] * 4
    assert (Person.objects.count(), Posting.objects.count()) == (12, 12)
    assert run.enrolments.count() == 12
    said = outcomes(lists[0]) + outcomes(lists[1])
    assert sorted(said) == [Outcome.ENROLLED] * 12 + [Outcome.SITTING] * 12


@pytest.mark.django_db(transaction=True)
def test_two_lists_in_two_runs_create_a_person_once() -> None:
    runs = factories.RunFactory.create_batch(2)
    agency = factories.AgencyFactory()
    by = factories.UserFactory(officer=True)
    rows = [(f"Người Số {chr(65 + number)}", None, agency.name) for number in range(6)]
    lists = [received(run, by, *rows) for run in runs]
    for found in lists:
        create_unknown(list_id=found.pk)

    def working_off(found: EnrolmentList) -> Any:
        return lambda: work_off(found, by)

    assert together([working_off(found) for found in lists]) == [None, None]
    assert Person.objects.count() == 6
    assert [run.enrolments.count() for run in runs] == [6, 6]


@pytest.mark.django_db(transaction=True)
def test_a_file_sent_twice_at_once_is_one_list() -> None:
    run = factories.RunFactory()
    by = factories.UserFactory(officer=True)
    content = workbook((1, "Một", BORN, "x"))
    answers = together(
        [lambda: receive_list(run_id=run.pk, file_name="a.xlsx", content=content, by=by, at=NOW)]
        * 4
    )
    assert answers == [EnrolmentList.objects.get()] * 4
