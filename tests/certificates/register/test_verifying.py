"""``manage.py verify_register`` finds whatever was changed behind the product's back."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from agencies.models import StandardEdition
from certificates.issue import filing, issuing
from certificates.models import (
    Certificate,
    IssuingRule,
    Register,
    RegisterCheck,
    RegisterEntry,
    RegisterHead,
)
from certificates.register import deciding, entering, heads, kept_files, verifying
from certificates.tasks import verify_registers
from jobs import append_only
from tests import factories
from tests.certificates.faults import storage_not_mounted, storage_out_of_reach
from tests.staff import at_work

pytestmark = pytest.mark.django_db
Kind = RegisterEntry.Kind
NOW = timezone.now()


@pytest.fixture
def register() -> Register:
    """Six entries: three certificates, one of them reissued; the head of today is signed."""
    rule = factories.IssuingRuleFactory()
    first, *_others = [factories.filed_certificate(rule=rule) for _time in range(2)]
    deciding.reissue(
        entry_id=first.entries.get(kind=Kind.ISSUE).pk,
        decision=deciding.Decision("15/QĐ", timezone.localdate(), "Mất bản cũ"),
        by=factories.UserFactory(officer=True),
        at=timezone.now(),
    )
    issuing.issue(certificate_id=first.pk, at=timezone.now())
    assert heads.sign_ended_day(timezone.now() + timedelta(days=1)) == 1
    register: Register = rule.register
    return register


@contextmanager
def unprotected() -> Iterator[None]:
    """As somebody who owns the database: without triggers and foreign keys."""
    tables = [RegisterEntry._meta.db_table, RegisterHead._meta.db_table]
    with connection.cursor() as cursor:
        for table in tables:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute(f'ALTER TABLE "{table}" DISABLE TRIGGER USER')
            else:
                cursor.execute(f'DROP TRIGGER "{table}_no_update"')
                cursor.execute(f'DROP TRIGGER "{table}_no_delete"')
    yield
    with connection.cursor() as cursor:
        for table in tables:
            if connection.vendor == "postgresql":
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute(f'ALTER TABLE "{table}" ENABLE TRIGGER USER')
            else:
                append_only.install(connection, table)


def entry_at(register: Register, position: int) -> RegisterEntry:
    return RegisterEntry.objects.get(register=register, position=position)


def raw(entry: RegisterEntry) -> Any:
    return RegisterEntry.objects.filter(pk=entry.pk)


def relink(register: Register, since: int) -> None:
    """What a forger does who knows the program but not the key: every later hash anew."""
    before = entry_at(register, since - 1).hash if since > 1 else entering.FIRST_HASH
    for entry in RegisterEntry.objects.filter(register=register, position__gte=since).order_by(
        "position"
    ):
        entry.previous_hash = before
        entry.hash = before = entering.digest(entry)
        raw(entry).update(hash=entry.hash, previous_hash=entry.previous_hash)


def problem(**options: Any) -> str:
    return verifying.verify(**options).problem


def test_a_register_as_it_was_entered_is_in_order(register: Register) -> None:
    found = verifying.verify()
    assert (found.problem, found.entries, found.files) == ("", 6, 3)
    out = StringIO()
    call_command("verify_register", stdout=out)
    assert "6" in out.getvalue()


def test_the_command_fails_and_names_the_first_entry_that_is_wrong(register: Register) -> None:
    with unprotected():
        for position in (3, 5):
            raw(entry_at(register, position)).update(reason="bịa")
    with pytest.raises(CommandError, match=rf"{register.code}.* 3\b") as raised:
        call_command("verify_register", register=register.code)
    assert raised.value.returncode == 1


def change_name(register: Register) -> None:
    entry = entry_at(register, 3)
    raw(entry).update(content=entry.content | {"full_name": "Kẻ Gian"})


def change_number(register: Register) -> None:
    raw(entry_at(register, 3)).update(number="0099/2026/KH")


def change_column_of_validity(register: Register) -> None:
    raw(entry_at(register, 3)).update(valid_until="2099-01-01")


def give_to_another(register: Register) -> None:
    other = entry_at(register, 1).certificate
    raw(entry_at(register, 4)).update(certificate=other)


def exchange(register: Register) -> None:
    one, other = entry_at(register, 2), entry_at(register, 4)
    raw(one).update(position=99)
    raw(other).update(position=2)
    raw(one).update(position=4)


def drop(register: Register) -> None:
    raw(entry_at(register, 4)).delete()


def drop_the_first(register: Register) -> None:
    raw(entry_at(register, 2)).delete()


def cut_off_the_end(register: Register) -> None:
    raw(entry_at(register, 6)).delete()


def cut_off_everything(register: Register) -> None:
    for position in (2, 4, 6, 5, 3, 1):
        raw(entry_at(register, position)).delete()


def forge_with_the_whole_chain(register: Register) -> None:
    change_name(register)
    relink(register, 3)


def drop_and_close_the_gap(register: Register) -> None:
    drop(register)
    for position in (5, 6):
        raw(entry_at(register, position)).update(position=position - 1)
    relink(register, 4)


def forge_the_head(register: Register) -> None:
    cut_off_the_end(register)
    last = entry_at(register, 5)
    RegisterHead.objects.update(position=last.position, hash=last.hash)


def move_the_head(register: Register) -> None:
    head = RegisterHead.objects.get()
    RegisterHead.objects.update(day=head.day + timedelta(days=3))


@pytest.mark.parametrize(
    ("tamper", "place"),
    [
        (change_name, 3),
        (change_number, 3),
        (change_column_of_validity, 3),
        (give_to_another, 4),
        (exchange, 2),
        (drop, 4),
        (drop_the_first, 2),
        (cut_off_the_end, 6),
        (cut_off_everything, 6),
        (forge_with_the_whole_chain, 6),
        (drop_and_close_the_gap, 6),
        (forge_the_head, 0),
        (move_the_head, 0),
    ],
)
def test_whatever_is_done_to_the_rows_is_found(
    register: Register, tamper: Callable[[Register], None], place: int
) -> None:
    with unprotected():
        tamper(register)
    found = problem()
    assert register.code in found
    assert not place or f" {place}" in found


def file_of(register: Register, position: int) -> str:
    name: str = entry_at(register, position).content["name"]
    return name


def rewrite(name: str, content: bytes) -> None:
    filing.storage().delete(name)
    assert filing.storage().save(name, ContentFile(content)) == name


def test_a_file_that_is_lost_longer_changed_or_exchanged_is_found(register: Register) -> None:
    storage, name, other = filing.storage(), file_of(register, 2), file_of(register, 4)
    with storage.open(name) as kept, storage.open(other) as another:
        before, foreign = kept.read(), another.read()
    middle = len(before) // 2
    changed = before[:middle] + bytes([before[middle] ^ 1]) + before[middle + 1 :]
    for content in (before + b"\n", changed, foreign, b""):
        rewrite(name, content)
        assert name in problem()
    storage.delete(name)
    assert name in problem(reads=lambda _position: False)
    rewrite(name, before)
    assert problem() == ""


@pytest.mark.usefixtures("in_english")
@pytest.mark.parametrize("fault", [storage_out_of_reach, storage_not_mounted])
def test_a_storage_that_is_away_is_not_called_a_lost_file(
    register: Register, fault: Callable[[], AbstractContextManager[None]]
) -> None:
    name = file_of(register, 2)
    with fault():
        assert name not in problem()
        assert problem().startswith("Not verified: the storage of the files is out of reach")
    assert problem() == ""


def test_content_is_read_only_where_it_is_asked_for(register: Register) -> None:
    name = file_of(register, 2)
    with filing.storage().open(name) as kept:
        before = kept.read()
    rewrite(name, before[:-1] + bytes([before[-1] ^ 1]))
    assert problem(reads=lambda position: position != 2) == ""
    assert name in problem(reads=lambda position: position == 2)


@pytest.mark.parametrize(
    "said",
    [
        {"state": Certificate.State.PENDING},
        {"state": Certificate.State.UNSIGNED},
        {"state": Certificate.State.REFUSED, "refusal": "bịa", "refused_at": NOW},
    ],
)
def test_a_state_that_the_register_does_not_know_of_is_found(
    register: Register, said: dict[str, Any]
) -> None:
    Certificate.objects.filter(entries__position=1).update(**said)
    assert problem() != ""


def test_another_edition_than_the_content_names_is_found(register: Register) -> None:
    rule = register.rules.get()
    rule.validity, rule.transition_months = IssuingRule.Validity.EDITION, 6
    rule.save()
    issued = factories.filed_certificate(rule=rule).entries.get(kind=Kind.ISSUE)
    edition = issued.valid_edition
    assert edition is not None
    StandardEdition.objects.filter(pk=edition.pk).update(name="TCVN ISO 9001:2015 (đã đổi tên)")
    assert problem() == ""
    StandardEdition.objects.filter(pk=edition.pk).update(name=edition.name)
    later = StandardEdition.objects.create(
        standard=edition.standard, name="ISO 9001:2099", year=2099
    )
    with unprotected():
        raw(issued).update(valid_edition=later)
    assert f" {issued.position} " in problem()


def test_a_day_of_issue_that_was_taken_away_is_found(register: Register) -> None:
    entry = entry_at(register, 1)
    with unprotected():
        raw(entry).update(in_force_from=None)
    assert problem() == ""  # as it was entered before there was a column for it
    with unprotected():
        content = entry.content | {"issued_on": "2012-06-05"}
        raw(entry).update(content=content)
        relink(register, 1)
        RegisterHead.objects.all().delete()
    assert " 1 " in problem()


def test_a_certificate_that_only_says_it_was_issued_is_found(register: Register) -> None:
    pending = factories.pending_certificate(rule=register.rules.get())
    Certificate.objects.filter(pk=pending.pk).update(state=Certificate.State.FILED)
    assert str(pending.pk) in problem()


def test_entries_are_read_in_chunks(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verifying, "CHUNK", 2)
    told: list[int] = []
    verifying.verify(progress=lambda found: told.append(found.entries))
    assert told == [2, 4, 6]


# --- Heads ----------------------------------------------------------------------------------------


def test_a_day_has_one_head_however_often_it_is_swept(register: Register) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    assert heads.sign_ended_day(tomorrow) == 0
    head = RegisterHead.objects.get()
    assert (head.day, head.position) == (timezone.localdate(), 6)
    assert head.hash == entry_at(register, 6).hash


def test_a_day_without_entries_has_no_head(register: Register) -> None:
    assert heads.sign_ended_day(timezone.now() + timedelta(days=5)) == 0
    factories.filed_certificate(rule=register.rules.get())
    assert heads.sign_ended_day(timezone.now() + timedelta(days=6)) == 1
    assert problem() == ""


def test_a_retired_key_still_counts_and_an_unknown_one_does_not(
    register: Register, settings: Any
) -> None:
    settings.REGISTER_SIGNING_KEY = "A" * 43 + "="
    assert register.code in problem()


def test_no_statement_of_the_application_changes_a_head(register: Register) -> None:
    table = RegisterHead._meta.db_table
    for statement in (f'UPDATE "{table}" SET position = 1', f'DELETE FROM "{table}"'):
        with (
            pytest.raises(IntegrityError, match="never changed"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)


# --- Every night ----------------------------------------------------------------------------------


def three_in_the_morning(days: int = 0) -> Any:
    return timezone.localtime().replace(hour=3) + timedelta(days=days)


def test_one_verification_a_day_is_kept_and_shown_to_officers(register: Register) -> None:
    assert verifying.begin_nightly(three_in_the_morning()) == 1
    assert verifying.begin_nightly(three_in_the_morning()) == 0
    check = RegisterCheck.objects.get()
    verify_registers(check.pk)
    verify_registers(check.pk)
    check.refresh_from_db()
    assert (check.ok, check.entries, check.files, check.problem) == (True, 6, 3, "")
    home = at_work(factories.UserFactory(officer=True)).get(reverse("wagtailadmin_home"))
    assert "6 entries, 3 files." in " ".join(home.text.split())


def test_what_the_night_found_stands_on_the_home_page(register: Register) -> None:
    with unprotected():
        drop(register)
    verifying.begin_nightly(three_in_the_morning())
    verify_registers(RegisterCheck.objects.get().pk)
    home = at_work(factories.UserFactory(officer=True)).get(reverse("wagtailadmin_home"))
    assert "Not in order" in home.text
    assert RegisterCheck.objects.get().problem in home.text


def test_nothing_begins_before_the_heads_of_the_day_before_are_signed(register: Register) -> None:
    assert verifying.begin_nightly(timezone.localtime().replace(hour=0)) == 0


def test_a_verification_that_a_worker_lost_begins_anew(register: Register) -> None:
    at = three_in_the_morning()
    verifying.begin_nightly(at)
    assert verifying.begin_nightly(at + timedelta(hours=5)) == 0
    assert verifying.begin_nightly(at + timedelta(hours=7)) == 1


def test_in_a_week_every_file_is_read(register: Register, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    monkeypatch.setattr(
        kept_files,
        "_hash",
        lambda storage, name: (
            read.append(name) or hashlib.sha256(storage.open(name).read()).hexdigest()
        ),
    )
    for night in range(verifying.NIGHTS):
        verifying.begin_nightly(three_in_the_morning(night))
        verify_registers(RegisterCheck.objects.order_by("-day")[0].pk)
    assert sorted(read) == sorted(file_of(register, position) for position in (2, 4, 6))


def test_a_night_without_verification_is_said(register: Register) -> None:
    home = at_work(factories.UserFactory(officer=True)).get(reverse("wagtailadmin_home"))
    assert "The register was not verified last night." in home.text
