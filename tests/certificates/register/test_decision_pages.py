"""The officer's pages on which later decisions are entered."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.issue import issuing
from certificates.models import Certificate, IssuingRule, RegisterEntry
from certificates.register import deciding
from people.models import User
from tests.factories import IssuingRuleFactory, UserFactory, filed_certificate
from tests.staff import at_work, said

pytestmark = pytest.mark.django_db
Kind = RegisterEntry.Kind


@pytest.fixture
def officer() -> User:
    user: User = UserFactory(officer=True)
    return user


@pytest.fixture
def certificate() -> Certificate:
    return filed_certificate()


def address(certificate: Certificate, kind: str, name: str = "certificate_decide") -> str:
    return reverse(name, args=[certificate.pk, kind])


def filled(certificate: Certificate, **values: Any) -> dict[str, Any]:
    content = certificate.entries.numbered().latest("position").content
    usual = {
        "decision_number": "15/QĐ-SKHCN",
        "decision_date": timezone.localdate().isoformat(),
        "reason": "Sai họ tên",
    }
    words = {name: content[name] or "" for name in deciding.CORRECTABLE}
    return usual | words | values


def confirmed(certificate: Certificate, **values: Any) -> dict[str, Any]:
    entry = certificate.entries.numbered().latest("position")
    return filled(certificate, confirmed="1", entry=entry.pk, **values)


def test_the_certificate_leads_to_each_decision_that_makes_sense(
    officer: User, certificate: Certificate
) -> None:
    client = at_work(officer)
    page = client.get(reverse("issued:inspect", args=[certificate.pk]))
    kinds = [one.rsplit("/", 2)[1] for one, _words in page.context["decisions"]]
    assert kinds == ["correct", "reissue", "revoke", "void"], "valid without end: nothing to renew"
    for kind in kinds:
        assert client.get(address(certificate, kind)).status_code == 200
    answer = client.get(address(certificate, "renew"), follow=True)
    assert "there is nothing to renew" in said(answer)


def test_what_will_be_printed_and_replaced_is_shown_before_anything_is_entered(
    officer: User, certificate: Certificate
) -> None:
    client = at_work(officer)
    page = client.post(
        address(certificate, "correct"), filled(certificate, full_name="Nguyễn Thị Mai")
    )
    assert page.status_code == 200
    (before, after) = next(
        (one[1], one[2]) for one in page.context["differences"] if one[0] == "Full name"
    )
    assert (before, after) == (certificate.person.full_name, "Nguyễn Thị Mai")
    assert "Thay thế Giấy chứng nhận số" in page.text
    assert certificate.entries.count() == 2
    preview = client.post(
        address(certificate, "correct", "certificate_decide_preview"),
        filled(certificate, full_name="Nguyễn Thị Mai"),
    )
    assert preview.content.startswith(b"%PDF")
    assert certificate.entries.count() == 2


def test_a_confirmed_correction_is_entered_with_who_decided(
    officer: User, certificate: Certificate
) -> None:
    client = at_work(officer)
    answer = client.post(
        address(certificate, "correct"),
        confirmed(certificate, full_name="Nguyễn Thị Mai", date_of_birth="1986-05-06"),
        follow=True,
    )
    assert "The new certificate is being made." in said(answer)
    entry = certificate.entries.get(kind=Kind.CORRECT)
    assert (entry.by, entry.content["full_name"], entry.content["date_of_birth"]) == (
        officer,
        "Nguyễn Thị Mai",
        "1986-05-06",
    )
    issuing.issue(certificate_id=certificate.pk, at=timezone.now())
    page = client.get(reverse("issued:inspect", args=[certificate.pk]))
    for one in certificate.entries.numbered():
        file: Any = client.get(reverse("register_entry_file", args=[one.pk]))
        assert file.getvalue().startswith(b"%PDF")
        assert reverse("register_entry_file", args=[one.pk]) in page.text


@pytest.mark.parametrize("kind", ["revoke", "void"])
def test_a_confirmed_taking_back_is_entered_once(
    officer: User, certificate: Certificate, kind: str
) -> None:
    client = at_work(officer)
    data = confirmed(certificate)
    client.post(address(certificate, kind), data)
    again = client.post(address(certificate, kind), data)
    assert again.status_code == 422
    assert "It was taken back already" in again.text
    assert certificate.entries.filter(kind=kind).count() == 1


def test_a_page_that_shows_an_older_number_decides_nothing(
    officer: User, certificate: Certificate
) -> None:
    data = confirmed(certificate)
    client = at_work(officer)
    client.post(address(certificate, "reissue"), data)
    answer = client.post(address(certificate, "revoke"), data)
    assert answer.status_code == 422
    assert not certificate.entries.filter(kind=Kind.REVOKE).exists()


@pytest.mark.parametrize(
    "values",
    [
        {"decision_number": ""},
        {"reason": " "},
        {"decision_date": (timezone.localdate() + timedelta(days=3)).isoformat()},
        {"full_name": "李雪"},
    ],
)
def test_what_cannot_be_is_said_in_the_form(
    officer: User, certificate: Certificate, values: dict[str, Any]
) -> None:
    answer = at_work(officer).post(address(certificate, "correct"), filled(certificate, **values))
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert certificate.entries.count() == 2


def test_a_renewal_proposes_the_years_of_the_rule(officer: User) -> None:
    rule = IssuingRuleFactory()
    IssuingRule.objects.update(validity="years", valid_years=3)
    rule.refresh_from_db()
    certificate = filed_certificate(rule=rule)
    client = at_work(officer)
    proposed = client.get(address(certificate, "renew")).context["form"].initial["valid_until"]
    client.post(
        address(certificate, "renew"), confirmed(certificate, valid_until=proposed.isoformat())
    )
    assert certificate.entries.get(kind=Kind.RENEW).valid_until == proposed


@pytest.mark.parametrize("role", ["trainer", "focal_point"])
def test_other_staff_decide_nothing(role: str, certificate: Certificate) -> None:
    client = at_work(UserFactory(**{role: True}))
    for kind in ("correct", "revoke"):
        answer = client.post(address(certificate, kind), confirmed(certificate))
        assert answer.status_code in (302, 404)
    assert certificate.entries.count() == 2


def test_the_holder_reads_the_history_and_keeps_the_old_file(
    officer: User, certificate: Certificate
) -> None:
    entry = certificate.entries.get(kind=Kind.ISSUE)
    at_work(officer).post(
        address(certificate, "correct"), confirmed(certificate, full_name="Nguyễn Thị Mai")
    )
    holder = at_work(UserFactory(person=certificate.person))
    own = reverse("certificates:certificate", args=[certificate.public_id])
    meanwhile = holder.get(own).text
    assert f"Certificate no. {entry.number}" in " ".join(meanwhile.split())
    assert "is being made and will take its place" in meanwhile
    download = reverse("certificates:download", args=[certificate.public_id])
    old: Any = holder.get(download)
    before = old.getvalue()
    issuing.issue(certificate_id=certificate.pk, at=timezone.now())
    new: Any = holder.get(download)
    assert new.getvalue() != before
    kept: Any = holder.get(download, {"number": entry.number})
    assert kept.getvalue() == before
    assert "Earlier PDF" in holder.get(own).text
    assert holder.get(download, {"number": "9999"}).status_code == 404


def test_certificates_in_force_on_a_day_are_listed(officer: User, certificate: Certificate) -> None:
    gone = filed_certificate()
    at_work(officer).post(address(gone, "void"), confirmed(gone))
    page = at_work(officer).get(
        reverse("issued:index"), {"in_force_on": timezone.localdate().isoformat()}
    )
    assert list(page.context["object_list"]) == [certificate]


def test_no_officer_chooses_a_time_zone_in_which_it_is_another_day(officer: User) -> None:
    account = at_work(officer).get(reverse("wagtailadmin_account")).content.decode()
    assert "locale-preferred_language" in account
    assert "time_zone" not in account
