"""What is killed, lost, doubled or done twice at once: one certificate, the next number."""

import hashlib
import signal
from datetime import datetime
from pathlib import Path

from django.db.models import Max
from django.utils import timezone

from certificates.issue import filing
from certificates.models import Certificate, RegisterEntry
from certificates.register.entering import FIRST_HASH, digest
from jobs.models import Heartbeat
from tests.process import studying
from tests.process.town import Town, wait_for

TASK = "certificates.tasks.issue_certificate"
Kind = RegisterEntry.Kind


def last_sequence() -> int:
    """The number given out last this year."""
    entries = RegisterEntry.objects.filter(year=timezone.localdate().year)
    return int(entries.aggregate(last=Max("sequence", default=0))["last"])


def sweeps_until_filed(certificate: Certificate, *, since: datetime) -> int:
    """Wait for the worker to file the certificate; return how many sweeps it has ended by then."""
    seen: set[datetime] = set()

    def filed() -> bool:
        beats = Heartbeat.objects.filter(name="certificates.unfinished", beat_at__gt=since)
        seen.update(beats.values_list("beat_at", flat=True))
        certificate.refresh_from_db()
        return certificate.state == Certificate.State.FILED

    wait_for(filed, what="the certificate is filed", seconds=60, pause=0.05)
    return len(seen)


def assert_issued_once(certificate: Certificate, *, sequence: int) -> None:
    """One number, one file that matches its hash, and a register that is whole."""
    issued = certificate.entries.get(kind=Kind.ISSUE)
    filed = certificate.entries.get(kind=Kind.FILED)
    assert issued.sequence == sequence
    assert filed.of == issued
    assert Certificate.objects.filter(person=certificate.person).count() == 1
    assert_register_is_whole()


def assert_register_is_whole() -> None:
    """Numbers without a gap in each year, and an unbroken chain."""
    entries = list(RegisterEntry.objects.order_by("position"))
    assert [entry.position for entry in entries] == list(range(1, len(entries) + 1))
    years: dict[int, list[int]] = {}
    hashes = [FIRST_HASH]
    for entry in entries:
        assert (entry.previous_hash, entry.hash) == (hashes[-1], digest(entry))
        hashes.append(entry.hash)
        if entry.sequence:
            years.setdefault(entry.year, []).append(entry.sequence)
    for numbers in years.values():
        assert numbers == list(range(1, len(numbers) + 1))


def file_of(town: Town, certificate: Certificate) -> Path:
    """Where the town keeps the certificate's PDF."""
    return town.folder / "private" / filing.file_name(certificate.entries.get(kind=Kind.ISSUE))


def assert_downloads(town: Town, certificate: Certificate) -> None:
    """The holder gets the very file whose hash is in the register."""
    visitor = town.visitor()
    visitor.log_in(studying.LEARNER)
    answer = visitor.get(f"/giay-chung-nhan/{certificate.public_id}/tai-ve/")
    filed = certificate.entries.get(kind=Kind.FILED)
    assert hashlib.sha256(answer.body).hexdigest() == filed.content["sha256"]


# Over 30 s: two workers start, and two sweeps may pass.
def test_a_worker_killed_while_it_draws_loses_and_doubles_nothing(
    town: Town, tmp_path: Path
) -> None:
    before = last_sequence()
    reached = tmp_path / "reached"
    town.start_web()
    town.start_worker("held", app="tests.process.held", REACHED=str(reached))
    certificate = studying.complete(town.visitor())
    wait_for(reached.exists, what="the worker draws", seconds=30)
    certificate.refresh_from_db()
    assert certificate.state == Certificate.State.NUMBERED

    assert town.kill("held") == -signal.SIGKILL
    certificate.refresh_from_db()
    assert certificate.state == Certificate.State.NUMBERED
    assert not certificate.entries.filter(kind=Kind.FILED).exists()
    assert not file_of(town, certificate).exists()
    since = timezone.now()
    town.start_worker()

    assert sweeps_until_filed(certificate, since=since) <= 2
    assert_issued_once(certificate, sequence=before + 1)
    assert_downloads(town, certificate)


# Over 30 s on a busy machine: a worker starts, and two sweeps pass.
def test_an_emptied_broker_delays_a_certificate_by_two_sweeps_at_most(town: Town) -> None:
    before = last_sequence()
    town.start_web()
    certificate = studying.complete(town.visitor())
    assert town.empty_broker() == 1
    since = timezone.now()
    town.start_worker()

    assert sweeps_until_filed(certificate, since=since) <= 2
    assert_issued_once(certificate, sequence=before + 1)
    assert_downloads(town, certificate)


def test_a_doubled_message_changes_nothing_and_no_sweep_is_needed(town: Town) -> None:
    before = last_sequence()
    town.start_web()
    certificate = studying.complete(town.visitor())
    town.send(TASK, certificate.pk)
    town.send(TASK, certificate.pk)
    town.start_worker(beat=False)
    town.wait_until_filed(certificate)
    wait_for(lambda: town.empty_broker() == 0, what="every message is taken", seconds=10)
    town.stop("worker")
    assert_issued_once(certificate, sequence=before + 1)
    assert "Traceback" not in town.log("worker")


def test_two_workers_at_once_give_each_number_once(town: Town) -> None:
    before = last_sequence()
    town.start_web()
    learners = [studying.LEARNER, *(studying.open_account_for_another() for _number in range(4))]
    certificates = [studying.complete(town.visitor(), login=login) for login in learners]
    # Each certificate twice in a row, so that both workers have it in their hands together.
    assert town.empty_broker() == len(certificates)
    for certificate in certificates:
        town.send(TASK, certificate.pk)
        town.send(TASK, certificate.pk)
    town.start_worker("first")
    town.start_worker("second", beat=False)
    for certificate in certificates:
        town.wait_until_filed(certificate)
    entries = RegisterEntry.objects.filter(certificate__in=certificates, kind=Kind.ISSUE)
    numbers = entries.order_by("sequence").values_list("sequence", flat=True)
    assert list(numbers) == list(range(before + 1, before + 1 + len(certificates)))
    assert_register_is_whole()
    assert "Traceback" not in town.log("first") + town.log("second")


def test_who_never_submits_is_graded_and_certified_by_the_sweep(town: Town) -> None:
    town.start_web()
    attempt = studying.ready_to_submit(town.visitor())
    studying.end_time_of(attempt)
    town.start_worker()

    def graded() -> bool:
        attempt.refresh_from_db()
        return attempt.submitted_at is not None

    wait_for(graded, what="the sweep grades the attempt", seconds=30)
    assert (attempt.score, attempt.submitted_at) == (30, attempt.deadline)
    town.wait_until_filed(Certificate.objects.get(enrolment=attempt.enrolment_id))
