"""Many certificates under fire: one entry for whoever asks forty times, none lost by a kill, and
none by a storage that is away for a while."""

import hashlib
import signal
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from certificates.models import Certificate, RegisterEntry
from courses.models import Enrolment
from jobs.models import Heartbeat
from people.registering import register_person
from tests.process import studying
from tests.process.test_faults import (
    TASK,
    assert_issued_once,
    assert_register_is_whole,
    last_sequence,
)
from tests.process.town import Town, wait_for

AT_ONCE = 40
MANY = 60
KILLS = 3
Kind = RegisterEntry.Kind


def pending(number: int) -> list[Certificate]:
    """So many people who have just completed the course of somebody certified; no task has come."""
    known = Certificate.objects.exclude(enrolment=None).earliest("pk")
    certificates = []
    for count in range(number):
        enrolment = Enrolment.objects.get(certificate=known)
        assert enrolment.agency
        enrolment.pk, enrolment.person = (
            None,
            register_person(
                full_name=f"Nguyễn Văn Thử {count}",
                agency=enrolment.agency,
                joined_on=timezone.localdate(),
            ),
        )
        enrolment.save(force_insert=True)
        certificates.append(
            Certificate.objects.create(
                enrolment=enrolment,
                person=enrolment.person,
                rule=known.rule,
                pending_since=timezone.now(),
            )
        )
    return certificates


def test_forty_simultaneous_requests_for_one_certificate_give_one_entry(town: Town) -> None:
    before = last_sequence()
    town.start_web()
    visitor = town.visitor()
    attempt = studying.ready_to_submit(visitor)
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(lambda _n: studying.submit(visitor, attempt), range(AT_ONCE)))
    # Whoever asks too often is told to wait; the others all learn the same.
    assert {answer.status for answer in answers} <= {200, 429}
    assert {answer.json["passed"] for answer in answers if answer.status == 200} == {True}
    certificate = Certificate.objects.get(enrolment=attempt.enrolment_id)
    for _number in range(AT_ONCE):
        town.send(TASK, certificate.pk)
    town.start_worker()
    town.wait_until_filed(certificate, seconds=60)
    wait_for(lambda: town.empty_broker() == 0, what="every message is taken", seconds=30)
    town.stop("worker")
    assert_issued_once(certificate, sequence=before + 1)
    assert "Traceback" not in town.log("worker")


# About a minute: four workers start, and what the killed ones had claimed waits ten seconds.
def test_workers_killed_amid_sixty_certificates_lose_none_and_leave_no_gap(town: Town) -> None:
    before = last_sequence()
    certificates = pending(MANY)
    waited_for = Certificate.objects.filter(pk__in=[one.pk for one in certificates])

    def filed() -> int:
        return waited_for.filter(state=Certificate.State.FILED).count()

    for kill in range(1, KILLS + 1):
        enough = min(filed() + 5, MANY)
        town.start_worker()
        for certificate in waited_for.unfinished():
            town.send(TASK, certificate.pk)
        wait_for(lambda: filed() >= enough, what=f"it works before kill {kill}", seconds=90)  # noqa: B023
        assert town.kill("worker") == -signal.SIGKILL
    town.start_worker()
    wait_for(lambda: filed() == MANY, what="all are filed", seconds=150)

    numbers = RegisterEntry.objects.filter(certificate__in=certificates, kind=Kind.ISSUE)
    assert set(numbers.values_list("sequence", flat=True)) == set(
        range(before + 1, before + MANY + 1)
    )
    assert_register_is_whole()
    for entry in RegisterEntry.objects.filter(certificate__in=certificates, kind=Kind.FILED):
        kept = (town.folder / "private" / entry.content["name"]).read_bytes()
        assert hashlib.sha256(kept).hexdigest() == entry.content["sha256"]


# About half a minute: a sweep looks ten seconds after they were asked for, and twice at least.
def test_a_storage_out_of_reach_is_told_and_the_same_worker_goes_on_when_it_is_back(
    town: Town,
) -> None:
    before = last_sequence()
    private, away = town.folder / "private", town.folder / "private-away"
    kept = {one for one in private.rglob("*") if one.is_file()}
    private.rename(away)
    private.write_text("a file where a folder was: also the superuser gets nothing")
    certificates = pending(2)
    own = Certificate.objects.filter(pk__in=[one.pk for one in certificates])
    town.start_web()
    town.start_worker()
    wait_for(
        lambda: own.filter(state=Certificate.State.NUMBERED).exclude(problem="").count() == 2,
        what="both are numbered and say what stops them",
        seconds=60,
    )
    assert "Không truy cập được kho lưu tệp." in own.earliest("pk").problem
    since = timezone.now()
    wait_for(
        lambda: Heartbeat.objects.filter(name="certificates.unfinished", beat_at__gt=since),
        what="another sweep has begun and ended",
        seconds=30,
    )
    numbers = RegisterEntry.objects.filter(certificate__in=certificates)
    issued = {(entry.certificate_id, entry.kind, entry.sequence) for entry in numbers}
    assert {kind for _certificate, kind, _sequence in issued} == {Kind.ISSUE}
    assert {sequence for *_others, sequence in issued} == {before + 1, before + 2}
    asked = numbers.earliest("position").content
    query = urlencode({name: asked[name] for name in ("number", "full_name")})
    page = town.visitor().get(f"{reverse('certificates:look_up')}?{query}").text
    assert "chưa có hiệu lực" in page
    assert "Giấy chứng nhận hợp lệ." not in page

    private.unlink()
    away.rename(private)
    for certificate in certificates:
        town.wait_until_filed(certificate)
    entries = RegisterEntry.objects.filter(certificate__in=certificates)
    assert issued == {
        (entry.certificate_id, entry.kind, entry.sequence)
        for entry in entries.filter(kind=Kind.ISSUE)
    }
    filed = {private / entry.content["name"] for entry in entries.filter(kind=Kind.FILED)}
    assert len(filed) == entries.filter(kind=Kind.FILED).count() == 2
    assert {one for one in private.rglob("*") if one.is_file()} - kept == filed
    assert not own.exclude(problem="").exists()
    assert_register_is_whole()
