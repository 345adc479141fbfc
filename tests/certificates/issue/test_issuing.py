import hashlib
import io
import itertools
from datetime import UTC, date, datetime, timedelta
from typing import Any
from unittest import mock

import pytest
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError
from pypdf import PdfReader

from agencies.models import Agency
from certificates.issue import filing, issuing
from certificates.models import Certificate, IssuingRule, Register, RegisterEntry
from certificates.paper import rendering
from certificates.register import entering
from certificates.register.entering import FIRST_HASH, digest
from certificates.signals import entry_written
from certificates.tasks import issue_certificate
from courses.models import Course, CourseRun
from jobs import sweeps
from people.models import Person
from tests import factories
from tests.together import together

pytestmark = pytest.mark.django_db

NOW = timezone.now()
Kind = RegisterEntry.Kind


@pytest.fixture
def rule() -> IssuingRule:
    rule: IssuingRule = factories.IssuingRuleFactory()
    return rule


def issue(certificate: Certificate) -> Certificate:
    issued = issuing.issue(certificate_id=certificate.pk, at=timezone.now())
    assert issued is not None
    return issued


def entries(certificate: Certificate) -> list[RegisterEntry]:
    return list(certificate.entries.order_by("position"))


def files(register: Register) -> list[str]:
    """Names of the kept files of this year."""
    folder = f"certificates/{register.code}/{timezone.localdate().year}"
    return filing.storage().listdir(folder)[1]


# --- Pending: with the completion, or not at all --------------------------------------------------


def test_completing_leaves_a_pending_certificate(rule: IssuingRule) -> None:
    certificate = factories.pending_certificate(rule=rule)
    assert certificate.state == Certificate.State.PENDING
    assert certificate.enrolment is not None
    assert certificate.person == certificate.enrolment.person
    assert certificate.pending_since == certificate.enrolment.completed_at


def test_a_course_without_a_rule_certifies_nobody() -> None:
    factories.EnrolmentFactory(completed=True)
    assert not Certificate.objects.exists()


def test_the_pending_row_is_undone_with_the_completion(rule: IssuingRule) -> None:
    enrolment = factories.EnrolmentFactory(
        run=factories.RunFactory(course=rule.course), watched=True
    )
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        factories.pass_all(enrolment)
        assert Certificate.objects.filter(enrolment=enrolment).exists()
        raise ZeroDivisionError
    enrolment.refresh_from_db()
    assert enrolment.completed_at is None
    assert not Certificate.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_where_the_pending_row_cannot_be_written_nothing_is_completed(rule: IssuingRule) -> None:
    enrolment = factories.EnrolmentFactory(
        run=factories.RunFactory(course=rule.course), watched=True
    )
    with (
        mock.patch.object(issuing, "_request", side_effect=OSError("disk full")),
        pytest.raises(OSError, match="disk full"),
    ):
        factories.pass_all(enrolment)
    enrolment.refresh_from_db()
    assert enrolment.completed_at is None


def test_the_hint_is_sent_after_the_commit_and_not_after_a_rollback(
    rule: IssuingRule, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        certificate = factories.pending_certificate(rule=rule)
        enrolment = certificate.enrolment
        assert enrolment is not None
        issuing.request_certificate(enrolment=enrolment, at=NOW)
    assert len(callbacks) == 1
    with mock.patch.object(issue_certificate, "apply_async") as sent:
        callbacks[0]()
    assert sent.call_args.args[0] == (certificate.pk,)


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_down_does_not_fail_who_has_just_passed(rule: IssuingRule) -> None:
    with mock.patch.object(issue_certificate, "delay", side_effect=OperationalError("no broker")):
        certificate = factories.pending_certificate(rule=rule)
    assert certificate.enrolment is not None
    assert certificate.enrolment.completed_at is not None
    assert issuing.finish_unfinished(NOW) == 1


def test_asking_for_a_certificate_twice_gives_one(rule: IssuingRule) -> None:
    certificate = factories.pending_certificate(rule=rule)
    assert certificate.enrolment is not None
    again = issuing.request_certificate(enrolment=certificate.enrolment, at=NOW)
    assert again == certificate
    with pytest.raises(IntegrityError), transaction.atomic():
        Certificate.objects.create(
            enrolment=certificate.enrolment,
            person=certificate.person,
            rule=rule,
            pending_since=NOW,
        )


# --- Numbered and filed ---------------------------------------------------------------------------


def test_issuing_numbers_draws_and_files(rule: IssuingRule) -> None:
    certificate = issue(factories.pending_certificate(rule=rule))
    assert certificate.state == Certificate.State.FILED
    issued, filed = entries(certificate)
    year = timezone.localdate(certificate.pending_since).year
    assert (issued.kind, issued.sequence, issued.entry_number) == (Kind.ISSUE, 1, 1)
    assert issued.number == f"0001/{year}/{rule.register.code}"
    assert (filed.kind, filed.of, filed.number, filed.entry_number) == (
        Kind.FILED,
        issued,
        None,
        None,
    )


def test_the_filed_hash_is_that_of_the_file_and_the_file_says_what_was_frozen(
    rule: IssuingRule,
) -> None:
    certificate = issue(factories.pending_certificate(rule=rule))
    issued, filed = entries(certificate)
    with filing.storage().open(filing.filed_name(issued)) as kept:
        pdf = kept.read()
    assert hashlib.sha256(pdf).hexdigest() == filed.content["sha256"]
    assert len(pdf) == filed.content["size"]
    text = " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())
    for words in (issued.content["number"], issued.content["signer_name"]):
        assert words in text


def test_the_file_is_made_with_the_same_bytes_again(rule: IssuingRule) -> None:
    certificate = issue(factories.pending_certificate(rule=rule))
    issued, filed = entries(certificate)
    again = hashlib.sha256(filing.make_file(issued)).hexdigest()
    assert again == filed.content["sha256"]


def test_issuing_again_changes_nothing(rule: IssuingRule) -> None:
    certificate = issue(factories.pending_certificate(rule=rule))
    before = [entry.hash for entry in entries(certificate)]
    issue(certificate)
    issue_certificate(certificate.pk)
    assert [entry.hash for entry in entries(certificate)] == before
    assert len(files(rule.register)) == 1


def test_a_certificate_that_is_not_there_is_no_error() -> None:
    assert issuing.issue(certificate_id=0, at=NOW) is None
    issue_certificate(0)


def test_the_content_is_what_the_law_of_such_papers_asks_for(rule: IssuingRule) -> None:
    person = factories.PersonFactory(full_name="Nguyễn Thị Minh Khai")
    certificate = issue(factories.pending_certificate(rule=rule, person=person))
    content = entries(certificate)[0].content
    assert certificate.enrolment is not None
    run, agency = certificate.enrolment.run, certificate.enrolment.agency
    assert agency is not None
    finished = timezone.localdate(certificate.enrolment.completed_at)
    assert content["full_name"] == "Nguyễn Thị Minh Khai"
    assert content["date_of_birth"] == "1985-09-02"
    assert content["workplace"] == agency.name
    assert content["course_title"] == rule.printed_title
    assert content["hours"] == 24
    assert (content["starts_on"], content["ends_on"]) == (
        run.starts_on.isoformat(),
        finished.isoformat(),
    )
    assert content["form_of_study"] == "Trực tuyến"
    assert content["issued_on"] == finished.isoformat()
    assert content["register_entry_number"] == f"0001/{finished.year}"
    assert content["standard_edition"] == "TCVN ISO 9001:2015"


def test_what_was_issued_stays_whatever_is_renamed_afterwards(rule: IssuingRule) -> None:
    certificate = issue(factories.pending_certificate(rule=rule))
    issued, filed = entries(certificate)
    before = (issued.content, issued.hash, filed.hash)
    Person.objects.update(full_name="Tên Khác", date_of_birth=date(1990, 1, 1))
    Agency.objects.update(name="Cơ quan khác")
    Course.objects.update(title="Khóa khác", hours=1, code="KHAC")
    CourseRun.objects.update(starts_on=date(2001, 1, 1))
    IssuingRule.objects.update(printed_title="Tên in khác", result="Khá")
    Register.objects.update(signer_name="Người khác", number_format="{sequence}-{year}")
    issue_certificate(certificate.pk)
    issued, filed = entries(certificate)
    assert (issued.content, issued.hash, filed.hash) == before
    assert digest(issued) == issued.hash
    assert hashlib.sha256(filing.make_file(issued)).hexdigest() == filed.content["sha256"]


def test_the_name_as_at_the_issue_counts_when_the_file_is_made_later(rule: IssuingRule) -> None:
    certificate = factories.pending_certificate(
        rule=rule, person=factories.PersonFactory(full_name="Lê Thị Hoa")
    )
    with (
        mock.patch.object(rendering, "render", side_effect=rendering.RenderingError("no font")),
        pytest.raises(rendering.RenderingError),
    ):
        issue(certificate)
    Person.objects.update(full_name="Lê Thị Huệ")
    issued = entries(issue(certificate))[0]
    assert issued.content["full_name"] == "Lê Thị Hoa"


# --- Numbers and chain ----------------------------------------------------------------------------


def test_numbers_have_no_gaps_and_the_chain_no_break(rule: IssuingRule) -> None:
    run = factories.RunFactory(course=rule.course)
    certificates = [factories.pending_certificate(rule=rule, run=run) for _time in range(4)]
    with (
        mock.patch.object(rendering, "render", side_effect=rendering.RenderingError("no font")),
        pytest.raises(rendering.RenderingError),
    ):
        issue(certificates[1])
    for certificate in reversed(certificates):
        issue(certificate)
    register = RegisterEntry.objects.filter(register=rule.register).order_by("position")
    issued = [entry.sequence for entry in register if entry.kind == Kind.ISSUE]
    assert issued == [1, 2, 3, 4]
    assert [entry.position for entry in register] == list(range(1, 9))
    previous = FIRST_HASH
    for entry in register:
        assert entry.previous_hash == previous
        assert entry.hash == digest(entry)
        previous = entry.hash


def test_a_numbering_that_is_rolled_back_leaves_no_gap(rule: IssuingRule) -> None:
    run = factories.RunFactory(course=rule.course)
    first, second = (factories.pending_certificate(rule=rule, run=run) for _time in range(2))

    def fail(sender: Any, **_kwargs: Any) -> None:
        raise RuntimeError("the counts cannot be written")

    entry_written.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            issue(first)
    finally:
        entry_written.disconnect(fail)
    assert not RegisterEntry.objects.exists()
    assert [entries(issue(one))[0].sequence for one in (second, first)] == [1, 2]


def test_two_registers_count_for_themselves() -> None:
    for _time in range(2):
        issued, filed = entries(factories.filed_certificate())
        assert (issued.sequence, issued.position, issued.previous_hash) == (1, 1, FIRST_HASH)
        assert filed.position == 2


def test_numbers_begin_anew_with_the_year_of_this_place(rule: IssuingRule) -> None:
    register = rule.register
    factories.filed_certificate(rule=rule)
    this_year = timezone.localdate().year
    new_year_here = datetime(this_year, 12, 31, 17, 0, tzinfo=UTC)  # 00:00 in Khánh Hòa
    before = entering.next_numbers(register=register, at=new_year_here - timedelta(seconds=1))
    after = entering.next_numbers(register=register, at=new_year_here)
    assert (before.year, before.sequence) == (this_year, 2)
    assert (after.year, after.sequence, after.entry_number) == (this_year + 1, 1, 1)
    assert after.number == f"0001/{this_year + 1}/{register.code}"


def test_any_change_of_an_entry_breaks_its_hash(rule: IssuingRule) -> None:
    issued = entries(issue(factories.pending_certificate(rule=rule)))[0]
    changes: dict[str, Any] = {
        "position": 9,
        "kind": Kind.REISSUE,
        "year": 1999,
        "sequence": 9,
        "number": "9",
        "entry_number": 9,
        "content": issued.content | {"full_name": "Kẻ Gian"},
        "decision_number": "1/QĐ",
        "decision_date": date(2026, 1, 1),
        "reason": "?",
        "at": NOW,
        "previous_hash": "f" * 64,
    }
    for name, value in changes.items():
        entry = RegisterEntry.objects.get(pk=issued.pk)
        setattr(entry, name, value)
        assert digest(entry) != issued.hash, name


def test_the_hash_does_not_depend_on_the_zone_the_time_is_read_in(rule: IssuingRule) -> None:
    issued = entries(issue(factories.pending_certificate(rule=rule)))[0]
    issued.at = timezone.localtime(issued.at)
    assert digest(issued) == issued.hash


@pytest.mark.parametrize(
    "values",
    [
        {"kind": Kind.ISSUE, "number": None},
        {"kind": Kind.FILED, "number": None, "sequence": None, "entry_number": None},
        {"kind": Kind.REVOKE, "number": "9", "sequence": 9},
        {"kind": Kind.REVOKE, "number": None, "sequence": None, "decision_number": ""},
        {"kind": Kind.CORRECT, "reason": ""},
    ],
)
def test_the_database_refuses_an_entry_without_its_numbers_or_its_decision(
    rule: IssuingRule, values: dict[str, Any]
) -> None:
    certificate = issue(factories.pending_certificate(rule=rule))
    complete = {
        "register": rule.register,
        "certificate": certificate,
        "position": 9,
        "year": 2026,
        "sequence": 9,
        "number": "9",
        "entry_number": 9,
        "content": {},
        "decision_number": "9/QĐ",
        "decision_date": date(2026, 1, 1),
        "reason": "Sai tên",
        "at": NOW,
        "previous_hash": "",
        "hash": "",
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        RegisterEntry.objects.create(**complete | values)


# --- Left undone, and at the same moment ----------------------------------------------------------


def test_the_sweep_issues_what_no_task_has_issued(rule: IssuingRule) -> None:
    certificate = factories.pending_certificate(rule=rule)
    young = certificate.pending_since + issuing.SWEEP_AFTER - timedelta(milliseconds=1)
    assert issuing.finish_unfinished(young) == 0
    assert sweeps.run_all(at=NOW)["certificates.unfinished"] == 1
    certificate.refresh_from_db()
    assert certificate.state == Certificate.State.FILED


def test_the_sweep_finishes_what_a_killed_worker_left_numbered(rule: IssuingRule) -> None:
    certificate = factories.pending_certificate(rule=rule)
    issuing._number(certificate_id=certificate.pk, at=NOW)
    certificate.refresh_from_db()
    assert certificate.state == Certificate.State.NUMBERED
    assert issuing.finish_unfinished(NOW) == 1
    assert [entry.kind for entry in entries(certificate)] == [Kind.ISSUE, Kind.FILED]


def test_half_a_file_of_a_killed_worker_is_never_taken_for_the_certificate(
    rule: IssuingRule,
) -> None:
    certificate = factories.pending_certificate(rule=rule)
    entry = issuing._number(certificate_id=certificate.pk, at=NOW)
    filing.storage().save(filing.file_name(entry), ContentFile(b"%PDF-1.7 half"))
    issue(certificate)
    issued, filed = entries(certificate)
    with filing.storage().open(filing.filed_name(issued)) as kept:
        assert hashlib.sha256(kept.read()).hexdigest() == filed.content["sha256"]


def test_one_certificate_that_cannot_be_drawn_does_not_stop_the_others_and_says_why(
    rule: IssuingRule,
) -> None:
    run = factories.RunFactory(course=rule.course)
    certificates = [factories.pending_certificate(rule=rule, run=run) for _time in range(3)]
    draw = rendering.render
    unlucky = certificates[0].person.full_name

    def render(**given: Any) -> bytes:
        if given["content"]["full_name"] == unlucky:
            raise rendering.RenderingError("The name cannot be drawn.")
        return draw(**given)

    with mock.patch.object(rendering, "render", render):
        assert issuing.finish_unfinished(timezone.now()) == 2
    certificates[0].refresh_from_db()
    assert (certificates[0].state, certificates[0].problem) == (
        Certificate.State.NUMBERED,
        "The name cannot be drawn.",
    )
    assert issuing.finish_unfinished(timezone.now()) == 1
    certificates[0].refresh_from_db()
    assert (certificates[0].state, certificates[0].problem) == (Certificate.State.FILED, "")


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names for which a paper was to be drawn, in turn; those of “Lỗi” cannot be drawn."""
    names: list[str] = []
    draw = rendering.render

    def render(**given: Any) -> bytes:
        name = given["content"]["full_name"]
        names.append(name)
        if name.startswith("Lỗi"):
            raise rendering.RenderingError("The name cannot be drawn.")
        return draw(**given)

    monkeypatch.setattr(rendering, "render", render)
    return names


def unlucky(number: int) -> Person:
    """Somebody whose paper cannot be drawn."""
    person: Person = factories.PersonFactory(full_name=f"Lỗi {'ABCD'[number]}")
    return person


def test_certificates_that_fail_each_time_do_not_starve_the_newer_ones(
    rule: IssuingRule, tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "SWEEP_BATCH", 2)
    run = factories.RunFactory(course=rule.course)
    for number in range(3):
        factories.pending_certificate(rule=rule, run=run, person=unlucky(number))
    newest = factories.pending_certificate(
        rule=rule, run=run, person=factories.PersonFactory(full_name="Nguyễn Văn Mới")
    )
    assert [issuing.finish_unfinished(timezone.now()) for _sweep in range(2)] == [0, 1]
    newest.refresh_from_db()
    assert newest.state == Certificate.State.FILED


def test_of_those_that_fail_the_one_tried_longest_ago_is_next_and_once_in_a_sweep(
    rule: IssuingRule, tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "SWEEP_BATCH", 2)
    run = factories.RunFactory(course=rule.course)
    for number in range(3):
        factories.pending_certificate(rule=rule, run=run, person=unlucky(number))
    for _sweep in range(3):
        issuing.finish_unfinished(timezone.now())
    assert tried == ["Lỗi A", "Lỗi B", "Lỗi C", "Lỗi A", "Lỗi B", "Lỗi C"]


def test_one_that_kills_its_worker_each_time_lets_the_others_go_first(
    rule: IssuingRule, tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "SWEEP_BATCH", 1)
    run = factories.RunFactory(course=rule.course)
    deadly, other = (factories.pending_certificate(rule=rule, run=run) for _time in range(2))
    # What is left of a try that nobody survived: a claim, and no word of a problem.
    Certificate.objects.filter(pk=deadly.pk).update(claimed_until=NOW - timedelta(minutes=1))
    assert issuing.finish_unfinished(timezone.now()) == 1
    other.refresh_from_db()
    assert other.state == Certificate.State.FILED


def test_a_sweep_that_takes_long_leaves_the_rest_to_the_next(
    rule: IssuingRule, tried: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(issuing, "LONGEST_SWEEP", timedelta(0))
    run = factories.RunFactory(course=rule.course)
    for _time in range(2):
        factories.pending_certificate(rule=rule, run=run)
    assert [issuing.finish_unfinished(timezone.now()) for _sweep in range(3)] == [1, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_simultaneous_tasks_give_one_number_one_entry_one_file(rule: IssuingRule) -> None:
    certificate = factories.pending_certificate(rule=rule)
    answers = together([lambda: issue(certificate)] * 4)
    assert [one for one in answers if isinstance(one, Exception)] == []
    certificate.refresh_from_db()
    assert certificate.state == Certificate.State.FILED
    issued, filed = entries(certificate)
    assert (issued.kind, issued.sequence, filed.kind) == (Kind.ISSUE, 1, Kind.FILED)
    assert len(files(rule.register)) == 1
    with filing.storage().open(filing.filed_name(issued)) as kept:
        assert hashlib.sha256(kept.read()).hexdigest() == filed.content["sha256"]


def test_what_a_worker_is_at_is_left_to_it_until_it_seems_dead(rule: IssuingRule) -> None:
    certificate = factories.pending_certificate(rule=rule)
    Certificate.objects.update(pending_since=NOW - timedelta(minutes=1))
    # The sweep issues at the time it is: the claim ends before the test begins.
    claimed_at = NOW - issuing.CLAIM
    Certificate.objects.filter(pk=certificate.pk).update(claimed_until=NOW)
    issuing.issue(certificate_id=certificate.pk, at=claimed_at)
    assert issuing.finish_unfinished(claimed_at) == 0
    assert issuing.finish_unfinished(NOW) == 1
    certificate.refresh_from_db()
    assert (certificate.state, certificate.claimed_until) == (Certificate.State.FILED, None)


def test_who_fails_after_another_has_taken_over_leaves_no_problem_behind(
    rule: IssuingRule,
) -> None:
    certificate = factories.pending_certificate(rule=rule)

    def fail_late(**_about: Any) -> bytes:
        with mock.patch.object(rendering, "render", draw):
            later = NOW + issuing.CLAIM
            issuing.issue(certificate_id=certificate.pk, at=later)
        raise rendering.RenderingError("no answer")

    draw = rendering.render
    with (
        mock.patch.object(rendering, "render", fail_late),
        pytest.raises(rendering.RenderingError),
    ):
        issuing.issue(certificate_id=certificate.pk, at=NOW)
    certificate.refresh_from_db()
    assert (certificate.state, certificate.problem) == (Certificate.State.FILED, "")


@pytest.mark.django_db(transaction=True)
def test_many_certificates_issued_at_once_are_numbered_without_gaps(rule: IssuingRule) -> None:
    run = factories.RunFactory(course=rule.course)
    certificates = [factories.pending_certificate(rule=rule, run=run) for _time in range(5)]

    def task(one: Certificate) -> Any:
        return lambda: issue(one)

    answers = together([task(one) for one in certificates * 2])
    assert [one for one in answers if isinstance(one, Exception)] == []
    register = RegisterEntry.objects.filter(register=rule.register).order_by("position")
    assert [entry.sequence for entry in register if entry.sequence] == [1, 2, 3, 4, 5]
    assert [entry.position for entry in register] == list(range(1, 11))
    links = [(entry.previous_hash, entry.hash) for entry in register]
    assert all(before[1] == after[0] for before, after in itertools.pairwise(links))


def test_paper_certificates_of_earlier_years_need_no_enrolment(rule: IssuingRule) -> None:
    for _time in range(2):
        Certificate.objects.create(person=factories.PersonFactory(), rule=rule, pending_since=NOW)
    assert Certificate.objects.filter(enrolment=None).count() == 2
