"""Issuing by a list of people: each found among who has completed a course, in whichever run."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook

from certificates.issue import batching, candidates, issuing, pausing
from certificates.issue.lists import deciding, finding, receiving
from certificates.issue.lists.finding import Found, Verdict
from certificates.models import Certificate, IssueBatch, IssueList, IssuingRule
from certificates.register import deciding as later
from courses.lists.refusing import FileRefused, ListRefused
from courses.models import CourseRun, Enrolment
from jobs import progress
from people.models import Person, User
from tests import factories
from tests.staff import at_work, said
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

State = Certificate.State
BORN = date(1985, 9, 2)


@pytest.fixture
def rule() -> IssuingRule:
    rule: IssuingRule = factories.IssuingRuleFactory(
        issued_when=IssuingRule.IssuedWhen.AFTER_REVIEW
    )
    return rule


@pytest.fixture
def first(rule: IssuingRule) -> CourseRun:
    run: CourseRun = factories.RunFactory(course=rule.course, name="Khóa 1")
    return run


@pytest.fixture
def second(rule: IssuingRule) -> CourseRun:
    run: CourseRun = factories.RunFactory(course=rule.course, name="Khóa 2")
    return run


@pytest.fixture
def officer() -> User:
    user: User = factories.UserFactory(officer=True)
    return user


def completed(run: CourseRun, name: str, **person: Any) -> Enrolment:
    enrolment: Enrolment = factories.EnrolmentFactory(
        run=run, person=factories.PersonFactory(full_name=name, **person), completed=True
    )
    return enrolment


def received(rule: IssuingRule, by: User, *lines: str) -> IssueList:
    return receiving.receive_lines(rule_id=rule.pk, text="\n".join(lines), by=by, at=timezone.now())


def find(found: IssueList) -> list[Found]:
    return finding.find(IssueList.objects.get(pk=found.pk), at=timezone.now())


def verdicts(found: IssueList) -> list[str]:
    return [row.verdict.value for row in find(found)]


def only(found: IssueList) -> Found:
    (row,) = find(found)
    return row


def issue(found: IssueList, by: User) -> IssueBatch:
    batch = deciding.issue(
        list_id=found.pk,
        seen=deciding.fingerprint(finding.ready(find(found))),
        by=by,
        at=timezone.now(),
    )
    finish(batch)
    return batch


def finish(batch: IssueBatch) -> None:
    while progress.carry_on(progress_id=batch.work_id, at=timezone.now()):
        pass
    for certificate_id in batch.certificates.order_by("pk").values_list("pk", flat=True):
        issuing.issue(certificate_id=certificate_id, at=timezone.now())
    batch.refresh_from_db()


# --- What each line comes to ----------------------------------------------------------------------


def test_each_line_says_what_it_comes_to(
    rule: IssuingRule, first: CourseRun, second: CourseRun, officer: User
) -> None:
    completed(first, "Nguyễn Thị Một")
    completed(second, "Trần Văn Hai")
    has = completed(first, "Lê Thị Ba")
    issuing.request_certificate(enrolment=has, at=timezone.now())
    factories.EnrolmentFactory(run=first, person=factories.PersonFactory(full_name="Phạm Tư"))
    factories.PersonFactory(full_name="Võ Thị Năm")
    found = received(
        rule,
        officer,
        "Nguyễn Thị Một",
        "tran van hai",
        "Lê Thị Ba",
        "Phạm Tư",
        "Võ Thị Năm",
        "Không Có Ai",
        "NGUYỄN THỊ MỘT",
        "123",
    )
    assert verdicts(found) == [
        "ready",
        "ready",
        "held",
        "not_completed",
        "not_completed",
        "unknown",
        "duplicate",
        "unreadable",
    ]
    rows = find(found)
    runs = [row.candidate.enrolment.run for row in rows if row.candidate]
    assert runs == [first, second, first]
    assert rows[4].reasons == ["Was never enrolled in it."]
    assert rows[6].reasons == ["As row 1"]
    assert not Certificate.objects.exclude(enrolment=has).exists(), "looking issues nothing"


def test_of_people_of_one_name_a_person_decides_who_is_meant(
    rule: IssuingRule, first: CourseRun, officer: User
) -> None:
    one = completed(first, "Lê Thị Huệ", date_of_birth=date(1980, 1, 1))
    other = completed(first, "Lê Thị Huệ", date_of_birth=date(1990, 1, 1))
    found = received(rule, officer, "Lê Thị Huệ")
    row = only(found)
    assert row.verdict == Verdict.AMBIGUOUS
    assert set(row.possible) == {one.person_id, other.person_id}
    with pytest.raises(ListRefused, match="wait for a decision"):
        issue(found, officer)
    stranger = factories.PersonFactory()
    decide = partial(deciding.decide, list_id=found.pk, at=timezone.now())
    assert decide(decisions={row.line.number: stranger.pk}) == 0
    assert decide(decisions={row.line.number: other.person_id}) == 1
    assert only(found).person == other.person
    decide(decisions={row.line.number: deciding.AGAIN})
    assert only(found).verdict == Verdict.AMBIGUOUS
    assert deciding.leave_out_undecided(list_id=found.pk, at=timezone.now()) == 1
    assert only(found).verdict == Verdict.LEFT_OUT


@pytest.mark.parametrize(
    "line",
    ["Lê Thị Huệ; 01/01/1990", "Lê Thị Huệ; ; Sở Nội vụ", "Lê Thị Huệ; 01/01/1990; Sở Nội vụ"],
)
def test_a_birth_date_or_an_agency_tells_people_of_one_name_apart(
    rule: IssuingRule, first: CourseRun, officer: User, line: str
) -> None:
    completed(first, "Lê Thị Huệ", date_of_birth=date(1980, 1, 1))
    agency = factories.AgencyFactory(name="Sở Nội vụ")
    meant = completed(first, "Lê Thị Huệ", date_of_birth=date(1990, 1, 1), agency=agency)
    assert only(received(rule, officer, line)).person == meant.person


def test_what_disagrees_with_who_is_on_file_is_left_to_a_person(
    rule: IssuingRule, first: CourseRun, officer: User
) -> None:
    one = completed(first, "Lê Thị Huệ", date_of_birth=BORN)
    row = only(received(rule, officer, "Lê Thị Huệ; 03/09/1985"))
    assert (row.verdict, row.possible) == (Verdict.AMBIGUOUS, [one.person_id])


def test_of_namesakes_whoever_was_in_the_course_is_meant_and_the_others_are_told_of(
    rule: IssuingRule, first: CourseRun, officer: User
) -> None:
    factories.PersonFactory(full_name="Lê Thị Huệ")
    meant = completed(first, "Lê Thị Huệ", date_of_birth=date(1990, 1, 1))
    row = only(received(rule, officer, "Lê Thị Huệ"))
    assert row.person == meant.person
    assert "Others on file bear this name." in row.reasons


def test_of_two_completed_runs_the_later_one_is_certified_once(
    rule: IssuingRule, first: CourseRun, second: CourseRun, officer: User
) -> None:
    before = completed(first, "Lê Thị Huệ")
    after = factories.EnrolmentFactory(run=second, person=before.person, completed=True)
    Enrolment.objects.filter(pk=before.pk).update(completed_at=timezone.now() - timedelta(days=100))
    found = received(rule, officer, "Lê Thị Huệ")
    row = only(found)
    assert row.candidate is not None
    assert row.candidate.enrolment == after
    issue(found, officer)
    again = only(received(rule, officer, "Lê Thị Huệ", ""))
    assert again.verdict == Verdict.HELD, "the other run gives no second one"


def test_whose_certificate_was_revoked_gets_one_of_another_run_only(
    rule: IssuingRule, first: CourseRun, second: CourseRun, officer: User
) -> None:
    enrolment = completed(first, "Lê Thị Huệ")
    issue(received(rule, officer, "Lê Thị Huệ"), officer)
    entry = Certificate.objects.get().entries.get(kind="issue")
    later.revoke(
        entry_id=entry.pk,
        decision=later.Decision("1/QĐ", timezone.localdate(), "Cấp sai"),
        by=officer,
        at=timezone.now(),
    )
    found = received(rule, officer, "Lê Thị Huệ", "")
    assert only(found).verdict == Verdict.HINDERED
    again = factories.EnrolmentFactory(run=second, person=enrolment.person, completed=True)
    row = only(found)
    assert row.candidate is not None
    assert (row.verdict, row.candidate.enrolment) == (Verdict.READY, again)


def test_what_cannot_be_printed_is_said(rule: IssuingRule, first: CourseRun, officer: User) -> None:
    enrolment = completed(first, "Lê Thị Huệ")
    Person.objects.filter(pk=enrolment.person_id).update(full_name="Lê Thị Huệ 花")
    row = only(received(rule, officer, "Lê Thị Huệ"))
    assert row.verdict == Verdict.HINDERED
    assert "花" in row.reasons[0]


def test_looking_costs_the_same_however_long_the_list(
    rule: IssuingRule, first: CourseRun, officer: User
) -> None:
    names = [f"Lê Thị {letter * 3}" for letter in "ABCD"]
    for name in names:
        completed(first, name)

    def cost(found: IssueList) -> int:
        fresh = IssueList.objects.select_related("rule__course", "rule__register").get(pk=found.pk)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            finding.find(fresh, at=timezone.now())
        return len(queries)

    assert cost(received(rule, officer, *names[:1])) == cost(received(rule, officer, *names))


# --- Receiving ------------------------------------------------------------------------------------


def workbook(*rows: tuple[Any, ...]) -> bytes:
    book, written = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(written)
    return written.getvalue()


@pytest.mark.parametrize("heading", [[], [("Họ và tên",)]])
def test_a_workbook_of_one_column_is_enough(
    rule: IssuingRule, officer: User, heading: list[tuple[str]]
) -> None:
    content = workbook(*heading, ("Nguyễn Thị Một",), ("Trần Văn Hai",))
    found = receiving.receive_file(
        rule_id=rule.pk, file_name="a.xlsx", content=content, by=officer, at=timezone.now()
    )
    assert [row.line.full_name for row in find(found)] == ["Nguyễn Thị Một", "Trần Văn Hai"]


def test_what_is_no_workbook_is_refused(rule: IssuingRule, officer: User) -> None:
    with pytest.raises(FileRefused):
        receiving.receive_file(
            rule_id=rule.pk, file_name="a.xlsx", content=b"PK", by=officer, at=timezone.now()
        )


def test_the_same_list_again_is_the_one_that_is_looked_at(rule: IssuingRule, officer: User) -> None:
    found = received(rule, officer, "Lê Thị Huệ")
    assert received(rule, officer, "Lê Thị Huệ") == found
    deciding.discard(list_id=found.pk, at=timezone.now())
    found.refresh_from_db()
    assert found.lines == [], "people's data are not kept"
    assert received(rule, officer, "Lê Thị Huệ") != found


@pytest.mark.django_db(transaction=True)
def test_the_same_list_at_the_same_moment_is_one(rule: IssuingRule, officer: User) -> None:
    answers = together([partial(received, rule, officer, "Lê Thị Huệ")] * 2)
    assert len({answer.pk for answer in answers if isinstance(answer, IssueList)}) == 1
    assert IssueList.objects.count() == 1


# --- Issuing --------------------------------------------------------------------------------------


def test_one_issue_of_many_serves_people_of_several_runs(
    rule: IssuingRule, first: CourseRun, second: CourseRun, officer: User
) -> None:
    completed(first, "Nguyễn Thị Một")
    completed(second, "Trần Văn Hai")
    batch = issue(received(rule, officer, "Nguyễn Thị Một", "Trần Văn Hai"), officer)
    assert batching.standing(batch).percent == 100
    filed = batch.certificates.filter(state=State.FILED)
    assert {one.enrolment.run for one in filed if one.enrolment} == {first, second}


def test_it_can_be_paused_and_resumed(rule: IssuingRule, first: CourseRun, officer: User) -> None:
    completed(first, "Nguyễn Thị Một")
    found = received(rule, officer, "Nguyễn Thị Một")
    ready = finding.ready(find(found))
    batch = deciding.issue(
        list_id=found.pk, seen=deciding.fingerprint(ready), by=officer, at=timezone.now()
    )
    pausing.pause(batch_id=batch.pk, by=officer, at=timezone.now())
    finish(batch)
    assert batch.certificates.get().state == State.PENDING
    pausing.resume(batch_id=batch.pk, at=timezone.now())
    finish(batch)
    assert batch.certificates.get().state == State.FILED


def test_what_was_seen_is_what_is_issued(
    rule: IssuingRule, first: CourseRun, officer: User
) -> None:
    completed(first, "Nguyễn Thị Một")
    late = factories.EnrolmentFactory(
        run=first, person=factories.PersonFactory(full_name="Trần Văn Hai")
    )
    found = received(rule, officer, "Nguyễn Thị Một", "Trần Văn Hai")
    seen = deciding.fingerprint(finding.ready(find(found)))
    factories.watch_all(late)
    factories.pass_all(late)
    with pytest.raises(ListRefused, match="changed meanwhile"):
        deciding.issue(list_id=found.pk, seen=seen, by=officer, at=timezone.now())
    assert not IssueBatch.objects.exists()


def test_a_list_by_which_was_issued_is_neither_changed_nor_thrown_away(
    rule: IssuingRule, first: CourseRun, officer: User
) -> None:
    completed(first, "Nguyễn Thị Một")
    found = received(rule, officer, "Nguyễn Thị Một")
    batch = issue(found, officer)
    assert issue(found, officer) == batch
    acts: list[Callable[[], Any]] = [
        partial(deciding.discard, list_id=found.pk, at=timezone.now()),
        partial(deciding.decide, list_id=found.pk, decisions={1: "skip"}, at=timezone.now()),
    ]
    for act in acts:
        with pytest.raises(ListRefused):
            act()
    assert Certificate.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_click_begins_one_issue(
    rule: IssuingRule, first: CourseRun, officer: User
) -> None:
    completed(first, "Nguyễn Thị Một")
    found = received(rule, officer, "Nguyễn Thị Một")
    answers = together([partial(issue, found, officer)] * 2)
    assert len({answer.pk for answer in answers if isinstance(answer, IssueBatch)}) == 1
    assert IssueBatch.objects.count() == Certificate.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_lists_with_the_same_person_give_one_certificate(
    rule: IssuingRule, first: CourseRun, second: CourseRun, officer: User
) -> None:
    """Even where each was looked at when another run was the later one."""
    one = completed(first, "Nguyễn Thị Một")
    other = factories.EnrolmentFactory(run=second, person=one.person, completed=True)
    batches = [
        batching.create(rule=rule, enrolment_ids=[key], by=officer, at=timezone.now())
        for key in (one.pk, other.pk)
    ]
    together([partial(finish, batch) for batch in batches])
    assert Certificate.objects.count() == 1
    assert sorted(len(batch.left_out) for batch in batches) == [0, 1]


# --- The officer's pages --------------------------------------------------------------------------


def test_an_officer_issues_by_a_pasted_list(
    rule: IssuingRule, first: CourseRun, second: CourseRun, officer: User
) -> None:
    one = completed(first, "Lê Thị Huệ", date_of_birth=date(1980, 1, 1))
    completed(first, "Lê Thị Huệ", date_of_birth=date(1990, 1, 1))
    completed(second, "Trần Văn Hai")
    client = at_work(officer)
    form = {"rule": rule.pk, "text": "Lê Thị Huệ\nTrần Văn Hai\nKhông Có Ai"}
    page = client.post(reverse("issue_lists:receive"), form, follow=True)
    address = reverse("issue_lists:inspect", args=[page.context["object"].pk])
    assert "Several people possible: 1" in page.text
    assert "Khóa 2" in page.text
    page = client.post(address, {"do": "decide", "row-1": one.person_id}, follow=True)
    assert "1 row decided" in said(page)
    asked = client.post(address, {"do": "issue"})
    assert "Issue 2 certificates?" in " ".join(asked.text.split())
    assert not Certificate.objects.exists()
    confirmed = {"do": "issue", "confirmed": "1", "seen": asked.context["seen"]}
    begun = client.post(address, confirmed, follow=True)
    assert "2 certificates are being issued." in said(begun)
    again = client.post(address, confirmed, follow=True)
    assert again.context["batch"] == begun.context["batch"]
    assert Certificate.objects.count() == 2
    issue = reverse("issue_batches:inspect", args=[begun.context["batch"].pk])
    assert issue in client.get(address).text
    assert address in client.get(issue).text
    assert issue in client.get(reverse("issue_batches:index")).text
    assert address in client.get(reverse("issue_lists:index")).text


def test_an_officer_issues_by_a_workbook(
    rule: IssuingRule, first: CourseRun, officer: User
) -> None:
    completed(first, "Nguyễn Thị Một")
    client = at_work(officer)
    file = SimpleUploadedFile("danh sách.xlsx", workbook(("Nguyễn Thị Một",)))
    page = client.post(reverse("issue_lists:receive"), {"rule": rule.pk, "file": file}, follow=True)
    assert "Gets a certificate: 1" in page.text


def test_nothing_or_both_ways_at_once_is_not_received(rule: IssuingRule, officer: User) -> None:
    client = at_work(officer)
    page = client.post(reverse("issue_lists:receive"), {"rule": rule.pk, "text": " "})
    assert "Choose one way" in page.text
    file = SimpleUploadedFile("a.xlsx", b"nothing")
    page = client.post(reverse("issue_lists:receive"), {"rule": rule.pk, "file": file})
    assert "no Excel workbook" in page.text
    assert not IssueList.objects.exists()


def test_candidates_are_only_of_the_course_of_the_list(
    rule: IssuingRule, first: CourseRun, officer: User
) -> None:
    elsewhere = factories.IssuingRuleFactory(issued_when=IssuingRule.IssuedWhen.AFTER_REVIEW)
    other = completed(factories.RunFactory(course=elsewhere.course), "Lê Thị Huệ")
    assert only(received(rule, officer, "Lê Thị Huệ")).verdict == Verdict.NOT_COMPLETED
    left_out = candidates.ask(rule=rule, enrolment_ids=[other.pk], at=timezone.now())
    assert left_out == [(other.pk, "The enrolment is not completed.")]
    assert not Certificate.objects.exists()
