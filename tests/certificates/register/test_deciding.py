"""Later decisions: correct, reissue, renew, revoke, void."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from certificates.holder import holding
from certificates.issue import filing, issuing
from certificates.issue.freezing import CannotIssue
from certificates.look_up import looking_up
from certificates.models import (
    Certificate,
    CertificateTemplate,
    IssuingRule,
    Register,
    RegisterEntry,
)
from certificates.paper import designing
from certificates.register import deciding, entering, validity
from certificates.register.deciding import CannotDecide, Decision
from certificates.tasks import issue_certificate
from people.models import User
from reports.models import Fact
from tests import factories
from tests.certificates.paper.test_layout import with_field
from tests.together import together

pytestmark = pytest.mark.django_db

Kind = RegisterEntry.Kind
Verb = Callable[[RegisterEntry], RegisterEntry]


@pytest.fixture
def officer() -> User:
    user: User = factories.UserFactory(officer=True)
    return user


@pytest.fixture
def certificate() -> Certificate:
    rule = factories.IssuingRuleFactory()
    IssuingRule.objects.update(validity="years", valid_years=3)
    rule.refresh_from_db()
    return factories.filed_certificate(
        rule=rule, person=factories.PersonFactory(full_name="Lê Thị Huệ")
    )


@pytest.fixture
def issued(certificate: Certificate) -> RegisterEntry:
    return certificate.entries.get(kind=Kind.ISSUE)


def decision(**values: Any) -> Decision:
    usual = {"number": "15/QĐ-SKHCN", "day": timezone.localdate(), "reason": "Sai họ tên"}
    return Decision(**usual | values)


def act(kind: str, entry: RegisterEntry, by: User, at: datetime | None = None) -> RegisterEntry:
    """A decision of this kind as officers usually take it."""
    more: dict[str, Any] = {}
    if kind == Kind.CORRECT:
        more["changes"] = {"full_name": f"{entry.content['full_name']} Em"}
    if kind == Kind.RENEW:
        assert entry.valid_until
        more["valid_until"] = entry.valid_until + timedelta(days=365)
    verb: Any = getattr(deciding, kind if kind != Kind.VOID else "void")
    written: RegisterEntry = verb(
        entry_id=entry.pk, decision=decision(), by=by, at=at or timezone.now(), **more
    )
    return written


def file(entry: RegisterEntry) -> None:
    issuing.issue(certificate_id=entry.certificate_id, at=timezone.now())


def statuses(certificate: Certificate, on: date | None = None) -> list[str]:
    """What the look-up says of each number, oldest first."""
    entries = certificate.entries.numbered().order_by("position")
    found = [
        looking_up.by_number_and_name(number=one.number or "", full_name=one.content["full_name"])
        for one in entries
    ]
    return [one.status for one in found if one]


# --- What is entered ------------------------------------------------------------------------------


def test_a_correction_takes_new_numbers_and_freezes_the_corrected_words(
    certificate: Certificate, issued: RegisterEntry, officer: User
) -> None:
    written = deciding.correct(
        entry_id=issued.pk,
        decision=decision(),
        changes={"full_name": " Lê  Thị Huế", "date_of_birth": "1986-01-31"},
        by=officer,
        at=timezone.now(),
    )
    assert (written.kind, written.sequence, written.entry_number) == (Kind.CORRECT, 2, 2)
    assert written.of == issued
    assert (written.decision_number, written.reason, written.by) == (
        "15/QĐ-SKHCN",
        "Sai họ tên",
        officer,
    )
    content = written.content
    assert (content["full_name"], content["date_of_birth"]) == ("Lê Thị Huế", "1986-01-31")
    assert content["number"] == written.number != issued.number
    assert content["replaces"] == issued.number
    assert f"Thay thế Giấy chứng nhận số {issued.number}." in content["notice"]
    for kept in ("course_title", "workplace", "hours", "starts_on", "valid_until"):
        assert content[kept] == issued.content[kept]
    assert entering.digest(written) == written.hash


def test_a_reissue_says_the_same_under_a_new_number_and_todays_signer(
    certificate: Certificate, issued: RegisterEntry, officer: User
) -> None:
    register = issued.register
    register.signer_name = "Người ký mới"
    register.save()
    content = act(Kind.REISSUE, issued, officer).content
    changed = {name for name in content if content[name] != issued.content.get(name)}
    assert changed <= {
        "number",
        "register_entry_number",
        "issued_on",
        "replaces",
        "notice",
        "signer_name",
    }


def test_a_renewal_is_valid_for_longer_and_keeps_the_history(
    certificate: Certificate, issued: RegisterEntry, officer: User
) -> None:
    renewed = act(Kind.RENEW, issued, officer)
    assert issued.valid_until
    assert renewed.valid_until == issued.valid_until + timedelta(days=365)
    assert renewed.content["valid_until"] == renewed.valid_until.isoformat()
    assert [one.kind for one in certificate.entries.order_by("position")] == [
        Kind.ISSUE,
        Kind.FILED,
        Kind.RENEW,
    ]


@pytest.mark.parametrize("kind", [Kind.REVOKE, Kind.VOID])
def test_taking_back_takes_an_entry_number_and_no_certificate_number(
    certificate: Certificate, issued: RegisterEntry, officer: User, kind: Kind
) -> None:
    written = act(kind, issued, officer)
    assert (written.number, written.sequence, written.entry_number) == (None, None, 2)
    following = factories.filed_certificate(rule=certificate.rule).entries.get(kind=Kind.ISSUE)
    assert (following.sequence, following.entry_number) == (2, 3)


@pytest.mark.parametrize("kind", [Kind.CORRECT, Kind.REISSUE, Kind.RENEW])
def test_a_new_number_gets_its_file_and_the_old_file_stays(
    certificate: Certificate,
    issued: RegisterEntry,
    officer: User,
    kind: Kind,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks() as hints:
        written = act(kind, issued, officer)
    certificate.refresh_from_db()
    assert certificate.state == Certificate.State.NUMBERED
    assert len(hints) == 1
    issue_certificate(certificate.pk)
    certificate.refresh_from_db()
    assert certificate.state == Certificate.State.FILED
    for entry in (issued, written):
        assert filing.storage().exists(filing.filed_name(entry))
    assert holding.filed_entry(certificate=certificate) == written
    assert holding.filed_entry(certificate=certificate, number=issued.number or "") == issued


# --- What the look-up says meanwhile --------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.CORRECT, Kind.REISSUE, Kind.RENEW])
def test_the_old_number_is_valid_until_the_new_one_has_its_paper(
    certificate: Certificate, issued: RegisterEntry, officer: User, kind: Kind
) -> None:
    act(kind, issued, officer)
    assert statuses(certificate) == ["valid", "being_issued"]
    assert validity.in_force(certificate, on=timezone.localdate())
    file(issued)
    assert statuses(certificate) == ["superseded", "valid"]


def test_two_corrections_in_a_row_leave_the_last_one_valid(
    certificate: Certificate, issued: RegisterEntry, officer: User
) -> None:
    second = act(Kind.CORRECT, issued, officer)
    act(Kind.CORRECT, second, officer)
    assert statuses(certificate) == ["valid", "being_issued", "being_issued"]
    file(issued)
    assert statuses(certificate) == ["superseded", "superseded", "valid"]
    filed = certificate.entries.filter(kind=Kind.FILED).count()
    assert filed == 2, "the one in the middle needs no file any more"


def test_what_cannot_be_drawn_can_be_corrected_before_it_has_a_paper(officer: User) -> None:
    pending = factories.pending_certificate()
    entry = issuing._number(certificate_id=pending.pk, at=timezone.now())
    act(Kind.CORRECT, entry, officer)
    assert statuses(pending) == ["being_issued", "being_issued"]
    file(entry)
    assert statuses(pending) == ["superseded", "valid"]
    pending.refresh_from_db()
    assert pending.state == Certificate.State.FILED


@pytest.mark.parametrize(("kind", "status"), [(Kind.REVOKE, "revoked"), (Kind.VOID, "voided")])
def test_taking_back_ends_every_number_also_one_whose_paper_is_being_made(
    certificate: Certificate, issued: RegisterEntry, officer: User, kind: Kind, status: str
) -> None:
    reissued = act(Kind.REISSUE, issued, officer)
    act(kind, reissued, officer)
    assert statuses(certificate) == [status, status]
    file(issued)
    assert statuses(certificate) == [status, status]
    certificate.refresh_from_db()
    assert certificate.state == Certificate.State.FILED, "no worker has anything left to do"
    assert not Certificate.objects.unfinished().exists()


def test_a_file_that_a_worker_was_at_makes_nothing_valid_that_was_taken_back(
    officer: User,
) -> None:
    pending = factories.pending_certificate()
    entry = issuing._number(certificate_id=pending.pk, at=timezone.now())
    act(Kind.VOID, entry, officer)
    filing.file(entry=entry, at=timezone.now())
    assert statuses(pending) == ["voided"]
    assert not Fact.objects.filter(measure=Fact.Measure.CERTIFICATE).exists()


# --- What makes no sense --------------------------------------------------------------------------


@pytest.mark.parametrize("first", [Kind.REVOKE, Kind.VOID])
@pytest.mark.parametrize("second", list(Kind)[1:6])
def test_what_was_taken_back_stays_so(
    certificate: Certificate, issued: RegisterEntry, officer: User, first: Kind, second: Kind
) -> None:
    act(first, issued, officer)
    before = certificate.entries.count()
    with pytest.raises(CannotDecide, match="15/QĐ-SKHCN"):
        act(second, issued, officer)
    assert certificate.entries.count() == before


@pytest.mark.parametrize("kind", list(Kind)[1:6])
def test_whoever_looked_at_a_number_that_was_replaced_is_told(
    issued: RegisterEntry, officer: User, kind: Kind
) -> None:
    reissued = act(Kind.REISSUE, issued, officer)
    with pytest.raises(CannotDecide, match=str(reissued.number)):
        act(kind, issued, officer)


@pytest.mark.parametrize("kind", [Kind.REISSUE, Kind.RENEW])
def test_a_number_without_paper_is_not_replaced_by_the_same_again(
    issued: RegisterEntry, officer: User, kind: Kind
) -> None:
    reissued = act(Kind.REISSUE, issued, officer)
    with pytest.raises(CannotDecide):
        act(kind, reissued, officer)


@pytest.mark.parametrize(
    "values",
    [
        {"day": timezone.localdate() + timedelta(days=2)},
        {"day": date(2001, 1, 1)},
        {"number": " "},
        {"reason": ""},
    ],
)
def test_a_decision_is_named_dated_and_not_of_the_future(
    issued: RegisterEntry, officer: User, values: dict[str, Any]
) -> None:
    with pytest.raises(CannotDecide):
        deciding.revoke(
            entry_id=issued.pk, decision=decision(**values), by=officer, at=timezone.now()
        )
    assert issued.certificate.entries.count() == 2


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"full_name": "Lê Thị Huệ"},
        {"full_name": "  "},
        {"number": "9"},
        {"date_of_birth": "2999-01-01"},
    ],
)
def test_a_correction_that_corrects_nothing_or_too_much_is_refused(
    issued: RegisterEntry, officer: User, changes: dict[str, Any]
) -> None:
    with pytest.raises(CannotDecide):
        deciding.correct(
            entry_id=issued.pk, decision=decision(), changes=changes, by=officer, at=timezone.now()
        )


def test_a_name_that_no_font_has_is_refused_before_a_number_is_taken(
    issued: RegisterEntry, officer: User
) -> None:
    with pytest.raises(CannotIssue):
        deciding.correct(
            entry_id=issued.pk,
            decision=decision(),
            changes={"full_name": "李雪"},
            by=officer,
            at=timezone.now(),
        )
    assert issued.certificate.entries.count() == 2


def test_what_is_valid_without_end_is_not_renewed(officer: User) -> None:
    issued = factories.filed_certificate().entries.get(kind=Kind.ISSUE)
    with pytest.raises(CannotDecide):
        deciding.renew(
            entry_id=issued.pk,
            decision=decision(),
            valid_until=date(2099, 1, 1),
            by=officer,
            at=timezone.now(),
        )


def test_a_renewal_makes_nothing_shorter(issued: RegisterEntry, officer: User) -> None:
    assert issued.valid_until
    with pytest.raises(CannotDecide):
        deciding.renew(
            entry_id=issued.pk,
            decision=decision(),
            valid_until=issued.valid_until,
            by=officer,
            at=timezone.now(),
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kinds", [(Kind.REVOKE, Kind.REVOKE), (Kind.CORRECT, Kind.REISSUE)])
def test_of_two_decisions_at_the_same_moment_one_is_entered(
    issued: RegisterEntry, officer: User, kinds: tuple[Kind, Kind]
) -> None:
    answers = together([partial(act, kind, issued, officer) for kind in kinds])
    assert sorted(isinstance(answer, CannotDecide) for answer in answers) == [False, True]
    assert issued.certificate.entries.count() == 3


# --- Too long for the paper -----------------------------------------------------------------------


@pytest.fixture
def narrow() -> RegisterEntry:
    """Issued by a template in which only short names fit."""
    made = designing.create_template(name="Mẫu hẹp", language="vi", at=timezone.now())
    version = designing.save_version(
        template_id=made.pk,
        design=with_field("Họ và tên", x=100.0, width=90.0, height=12.0),
        at=timezone.now(),
    )
    CertificateTemplate.objects.update(published=version)
    rule = factories.IssuingRuleFactory(template=made)
    IssuingRule.objects.update(validity="years", valid_years=3)
    rule.refresh_from_db()
    return factories.filed_certificate(rule=rule).entries.get(kind=Kind.ISSUE)


def test_what_the_template_cannot_show_takes_no_number(
    narrow: RegisterEntry, officer: User, in_english: None
) -> None:
    before = RegisterEntry.objects.count()
    with pytest.raises(CannotDecide, match="does not fit into its field: Họ và tên"):
        deciding.correct(
            entry_id=narrow.pk,
            decision=decision(),
            changes={"full_name": "Nguyễn Phúc Thị Phương Nghiêng " * 3 + "Khai"},
            by=officer,
            at=timezone.now(),
        )
    assert RegisterEntry.objects.count() == before
    assert act(Kind.CORRECT, narrow, officer).number, "what fits is entered"


@pytest.mark.parametrize("kind", [Kind.REISSUE, Kind.RENEW])
def test_the_words_of_today_that_do_not_fit_take_no_number_either(
    narrow: RegisterEntry, officer: User, in_english: None, kind: Kind
) -> None:
    Register.objects.update(issuing_body="Nghiêng" * 28)
    before = RegisterEntry.objects.count()
    with pytest.raises(CannotDecide, match="does not fit into its field"):
        act(kind, narrow, officer)
    assert RegisterEntry.objects.count() == before
    assert act(Kind.REVOKE, narrow, officer), "taking back needs no paper"


# --- Counting -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [Kind.REVOKE, Kind.VOID])
def test_what_was_taken_back_is_counted_no_more(
    issued: RegisterEntry, officer: User, kind: Kind
) -> None:
    counted = Fact.objects.filter(measure=Fact.Measure.CERTIFICATE).standing()
    assert counted.count() == 1
    act(Kind.REISSUE, issued, officer)
    file(issued)
    assert counted.count() == 1
    act(kind, issued.certificate.entries.numbered().latest("position"), officer)
    assert not counted.exists()
