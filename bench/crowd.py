"""Thirty-two at once sit the exam against granian; who spends the CPU, and how long each waits."""

import statistics
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

from bench import clients, hall, place
from bench.clients import Outcome
from bench.postgres import Server
from bench.rows import Row
from bench.server import WebServer
from bench.sitting import REQUESTS, Key, Sitting
from certificates.models import Certificate
from courses.models import Enrolment
from quizzes.models import Attempt

AT_ONCE = 32
SAVERS = 64
TABLES = ("quizzes_attempt", "quizzes_answer", "quizzes_attemptevent")
# The server runs without the demo.
ENVIRONMENT = {"DEMO": ""}


@dataclass(frozen=True)
class Setting:
    """Where it is measured, with how many sittings, and how granian is started."""

    server: Server
    database: str
    sittings: int
    workers: int
    threads: int

    @property
    def granian(self) -> str:
        return f"granian with {self.workers} worker(s) of {self.threads} threads"


@dataclass(frozen=True)
class Spent:
    """CPU seconds of a round, by who spent them; ``database`` is None where it runs elsewhere."""

    application: float
    database: float | None
    cache: float
    disturbed: bool

    @property
    def total(self) -> float:
        """Application and database, which is what the limits are about."""
        return self.application + (self.database or 0.0)


@dataclass(frozen=True)
class Crowd:
    """People before a web server before a database."""

    server: Server
    database: str
    web: WebServer
    key: Key

    def do(self, what: str, sittings: list[Sitting]) -> tuple[Outcome, Spent]:
        """Have all of them do it, so many at once; what it took and what it cost."""
        before = self.web.cpu(), self.server.cpu(self.database), _cache_cpu()
        outcome = clients.run(
            port=self.web.port, do=what, sittings=sittings, key=self.key, at_once=AT_ONCE
        )
        after = self.web.cpu(), self.server.cpu(self.database), _cache_cpu()
        database, disturbed = None, False
        if before[1] and after[1]:
            database = before[1].until(after[1])
            disturbed = before[1].disturbed_until(after[1])
        return outcome, Spent(after[0] - before[0], database, after[2] - before[2], disturbed)


def measure(setting: Setting) -> Iterator[Row]:
    """The five requests, then saves one by one and twenty by twenty."""
    server, database, count = setting.server, setting.database, setting.sittings
    people, key = hall.seat(count + SAVERS + AT_ONCE), hall.key()
    place.disconnect()
    web = WebServer(
        environment=ENVIRONMENT,
        log=Path(settings.DATA_DIR) / "granian.log",
        workers=setting.workers,
        threads=setting.threads,
    )
    with web:
        crowd = Crowd(server, database, web, key)
        crowd.do("exam", people[:AT_ONCE])  # loads templates, and opens connections
        size = server.size(database, TABLES)
        outcome, spent = crowd.do("exam", people[AT_ONCE:-SAVERS])
        grown = server.size(database, TABLES) - size
        _check(outcome.sittings)
        yield from _exam_rows(outcome, spent, grown, setting)
        opened, _spent = crowd.do("open", people[-SAVERS:])
        outcome, spent = crowd.do("save_one", opened.sittings)
        yield _save_row("exam.save_one", "save_one", outcome, spent, target=0.0025)
        outcome, spent = crowd.do("save_all", outcome.sittings)
        yield _save_row("exam.save_twenty", "save_all", outcome, spent, target=0.004)
    said = web.log.read_text()
    assert not said.strip(), said[-2000:]


def _exam_rows(outcome: Outcome, spent: Spent, grown: int, setting: Setting) -> Iterator[Row]:
    each = [seconds for name in REQUESTS for seconds in outcome.seconds[name]]
    count, database = setting.sittings, spent.database
    how = (
        f"{count} exams in 5 requests, {AT_ONCE} at once, all graded 20/20, completed, certificate"
        f" pending; {setting.granian}: application {spent.application / count:.4f}, database "
        + ("not seen from here" if database is None else f"{database / count:.4f}")
        + (" (others used the server meanwhile)" if spent.disturbed else "")
    )
    yield Row(
        "exam.cpu_per_attempt",
        spent.total / count,
        "CPU s",
        how,
        target=None if database is None else 0.016,
    )
    by_request = ", ".join(f"{one} {_p95(outcome.seconds[one]):.3f}" for one in REQUESTS)
    yield Row("exam.p95", _p95(each), "s", f"of a request; {by_request}", target=0.25)
    yield Row("exam.p50", statistics.median(each), "s", "of a request")
    yield Row("exam.per_second", count / outcome.wall, "exams/s", "with all on one machine")
    yield Row("exam.cache_cpu", spent.cache / count, "CPU s", "Redis, per exam")
    yield Row("exam.generator_cpu", outcome.cpu / count, "CPU s", "of the clients, per exam")
    yield Row(
        "exam.bytes_stored",
        grown / count,
        "bytes",
        f"per attempt, after VACUUM: {', '.join(TABLES)} with their indexes",
        target=4096,
    )


def _save_row(name: str, request: str, outcome: Outcome, spent: Spent, *, target: float) -> Row:
    seconds = outcome.seconds[request]
    how = (
        f"per request, {len(seconds)} requests, {AT_ONCE} at once: application"
        f" {spent.application / len(seconds):.5f}; p95 {_p95(seconds):.3f} s"
    )
    return Row(
        name,
        spent.total / len(seconds),
        "CPU s",
        how,
        target=None if spent.database is None else target,
    )


def _check(sittings: list[Sitting]) -> None:
    """The figures count only if every exam did."""
    ids = [int(one.page.strip("/").rpartition("/")[2]) for one in sittings]
    graded = Attempt.objects.filter(pk__in=ids, submitted_at__isnull=False, passed=True)
    assert [int(one.score or 0) for one in graded] == [20] * len(sittings)
    own = Enrolment.objects.filter(attempts__in=ids)
    assert own.filter(completed_at__isnull=False).count() == len(sittings)
    assert Certificate.objects.filter(enrolment__in=own).count() == len(sittings)
    place.disconnect()


def _p95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[94]


def _cache_cpu() -> float:
    with place.redis() as redis:
        told: Any = redis.info("cpu")
    return float(told["used_cpu_user"] + told["used_cpu_sys"])
