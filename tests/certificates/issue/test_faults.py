"""Issuing while disk, storage or keys fail: said in words, nothing by halves, on when mended."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone

from certificates.issue import filing, issuing, reasons
from certificates.look_up import looking_up
from certificates.models import Certificate, IssuingRule, Register, RegisterEntry, UnsignedFile
from certificates.proof import keys
from certificates.register import heads
from certificates.register.validity import Status
from tests import factories
from tests.certificates.faults import full_disk, replaced, storage_out_of_reach

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]

State = Certificate.State
Kind = RegisterEntry.Kind
Fault = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def rule() -> IssuingRule:
    rule: IssuingRule = factories.IssuingRuleFactory()
    return rule


def files(register: Register) -> list[str]:
    """Whatever lies where the files of the register are kept, half or whole."""
    folder = Path(filing.storage().path(f"certificates/{register.code}"))
    return sorted(one.name for one in folder.rglob("*") if one.is_file())


# --- Faults ---------------------------------------------------------------------------------------


def key_file() -> Path:
    keys.signing_key()  # makes it
    return Path(settings.DATA_DIR) / "keys" / "register-ed25519"


@contextmanager
def key_damaged() -> Iterator[None]:
    with replaced(key_file(), "half a k"):
        yield


@contextmanager
def key_unreadable() -> Iterator[None]:
    with replaced(key_file(), None):
        yield


@contextmanager
def key_of_another() -> Iterator[None]:
    """Put in under the id of one with which a certificate was issued, a moment ago."""
    factories.filed_certificate()
    with replaced(key_file(), keys.new_key()):
        yield


@contextmanager
def key_lost() -> Iterator[None]:
    """A new one is made when it is looked for, and that must not be used."""
    factories.filed_certificate()
    path = key_file()
    with replaced(path, ""):
        path.unlink()
        yield


FULL, AWAY, KEY = "The disk for the files is full", "out of reach", "QR codes cannot be used"


@pytest.mark.parametrize(
    ("fault", "stops_at", "said"),
    [
        (full_disk, State.NUMBERED, FULL),
        (storage_out_of_reach, State.NUMBERED, AWAY),
        (key_damaged, State.PENDING, KEY),
        (key_unreadable, State.PENDING, KEY),
        (key_of_another, State.PENDING, KEY),
        (key_lost, State.PENDING, KEY),
    ],
)
def test_a_fault_is_told_leaves_nothing_by_halves_and_issuing_goes_on_once_it_is_mended(
    rule: IssuingRule, fault: Fault, stops_at: str, said: str
) -> None:
    run = factories.RunFactory(course=rule.course)
    certificates = [factories.pending_certificate(rule=rule, run=run) for _time in range(2)]
    with fault():
        for _sweep in range(2):
            assert issuing.finish_unfinished(timezone.now()) == 0
        for certificate in certificates:
            certificate.refresh_from_db()
            assert (certificate.state, said in certificate.problem) == (stops_at, True)
            found = looking_up.of_certificate(certificate_id=certificate.pk)
            assert found is None or found.status == Status.BEING_ISSUED
        assert RegisterEntry.objects.filter(register=rule.register, kind=Kind.FILED).count() == 0
    assert files(rule.register) == []

    assert issuing.finish_unfinished(timezone.now()) == 2
    for number, certificate in enumerate(certificates, start=1):
        certificate.refresh_from_db()
        assert (certificate.state, certificate.problem) == (State.FILED, "")
        issued, filed = certificate.entries.order_by("position")
        assert (issued.sequence, filed.kind, filed.of) == (number, Kind.FILED, issued)
        assert filed.content["name"] == filing.file_name(issued)
        with filing.storage().open(filed.content["name"]) as kept:
            assert hashlib.sha256(kept.read()).hexdigest() == filed.content["sha256"]
    assert len(files(rule.register)) == 2


@pytest.mark.parametrize("fault", [full_disk, storage_out_of_reach])
def test_a_file_to_be_signed_outside_that_cannot_be_kept_waits_too(fault: Fault) -> None:
    register = factories.RegisterFactory(signing=Register.Signing.OUTSIDE)
    certificate = factories.pending_certificate(
        rule=factories.IssuingRuleFactory(register=register)
    )
    with fault():
        issuing.finish_unfinished(timezone.now())
        certificate.refresh_from_db()
        assert certificate.state == State.NUMBERED
        assert certificate.problem
    issuing.finish_unfinished(timezone.now())
    certificate.refresh_from_db()
    assert (certificate.state, certificate.problem) == (State.UNSIGNED, "")
    assert files(register) == [Path(UnsignedFile.objects.get().name).name]


def test_a_register_whose_signing_key_is_missing_keeps_no_other_waiting(settings: Any) -> None:
    settings.SIGNING_PKCS12 = ""
    register = factories.RegisterFactory(signing=Register.Signing.SERVER)
    stuck = factories.pending_certificate(rule=factories.IssuingRuleFactory(register=register))
    other = factories.pending_certificate()
    assert issuing.finish_unfinished(timezone.now()) == 1
    for certificate in (stuck, other):
        certificate.refresh_from_db()
    assert (stuck.state, stuck.problem != "") == (State.PENDING, True)
    assert other.state == State.FILED


@pytest.mark.parametrize("signing", [Register.Signing.UNSIGNED, Register.Signing.OUTSIDE])
def test_where_the_row_of_a_file_cannot_be_written_the_file_goes_too(signing: str) -> None:
    register = factories.RegisterFactory(signing=signing)
    certificate = factories.pending_certificate(
        rule=factories.IssuingRuleFactory(register=register)
    )
    broken = mock.patch.object(filing, "_settle", side_effect=OSError("the database is away"))
    with broken, pytest.raises(OSError, match="away"):
        issuing.issue(certificate_id=certificate.pk, at=timezone.now())
    assert files(register) == []
    issuing.finish_unfinished(timezone.now())
    assert len(files(register)) == 1


def test_a_file_whose_entry_was_written_stays_whatever_follows(rule: IssuingRule) -> None:
    certificate = factories.filed_certificate(rule=rule)
    issued, filed = certificate.entries.order_by("position")
    name = filed.content["name"]
    with (
        pytest.raises(OSError, match="lost"),
        filing._discarded_unless_entered(name, entry=issued),
    ):
        raise OSError("the answer to the commit was lost")
    assert files(rule.register) == ["00000001.pdf"]


@pytest.mark.parametrize("error", [MemoryError(), ValueError(""), KeyError("x")])
def test_a_problem_has_words_whatever_was_raised(error: Exception) -> None:
    assert reasons.in_words(error).startswith("Something unforeseen went wrong.")
    assert type(error).__name__ in reasons.in_words(error)


def test_no_head_is_signed_with_another_key_under_the_same_id(rule: IssuingRule) -> None:
    factories.filed_certificate(rule=rule)
    tomorrow = timezone.now() + timedelta(days=1)
    with replaced(key_file(), keys.new_key()), pytest.raises(ImproperlyConfigured):
        heads.sign_ended_day(tomorrow)
    assert heads.sign_ended_day(tomorrow) == 1


def test_a_new_key_under_an_id_of_its_own_issues(settings: Any, rule: IssuingRule) -> None:
    factories.filed_certificate()
    settings.REGISTER_SIGNING_KEY, settings.REGISTER_SIGNING_KEY_ID = keys.new_key(), 2
    assert factories.filed_certificate(rule=rule).state == State.FILED
