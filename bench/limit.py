"""How near the exam is to what is possible: the same SQL from a bare WSGI programme."""

import pickle
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from bench import hall, in_process, place, recording
from bench.crowd import AT_ONCE, Crowd, Setting
from bench.recording import Step
from bench.rows import Row
from bench.server import WebServer
from bench.sitting import Key, Sitting

MOST = 200


def measure(setting: Setting, *, exam: float | None) -> Iterator[Row]:
    """Record exams, and play them again in a copy of the database as it was before.

    ``exam`` is the CPU of one under load, for the ratio.
    """
    server, database = setting.server, setting.database
    sittings = min(setting.sittings, MOST)
    people, key = hall.seat(sittings + AT_ONCE), hall.key()
    recording.number_from_afar()
    place.disconnect()
    copy = f"{database}_limit"
    server.create(copy, template=database)
    try:
        file = Path(settings.DATA_DIR) / "recorded.pickle"
        file.write_bytes(pickle.dumps([_record(one, key) for one in people]))
        web = WebServer(
            environment={"LIMIT_DATABASE": server.address(copy), "LIMIT_RECORDED": str(file)},
            log=Path(settings.DATA_DIR) / "limit.log",
            workers=setting.workers,
            threads=setting.threads,
            application="bench.limit_app:application",
            look_at="//",
        )
        with web:
            crowd = Crowd(server, copy, web, {})
            players = [Sitting("", "", start=f"/{number}") for number in range(len(people))]
            crowd.do("replay", players[:AT_ONCE])
            outcome, spent = crowd.do("replay", players[AT_ONCE:])
    finally:
        server.drop(copy)
    how = (
        f"the same SQL for {sittings} exams, {AT_ONCE} at once, bare WSGI and psycopg:"
        f" application {spent.application / sittings:.4f}, database"
        f" {(spent.database or 0) / sittings:.4f}; {sittings / outcome.wall:.0f} exams/s"
    )
    yield Row("exam.limit", spent.total / sittings, "CPU s", how)
    if exam is not None:
        ratio = exam * sittings / spent.total
        yield Row("exam.limit_ratio", ratio, "times", "CPU of an exam by that of the limit")


def _record(sitting: Sitting, key: Key) -> dict[str, tuple[list[Step], int]]:
    """By request what was asked of the database, and how many bytes were answered."""
    asked: dict[str, list[Step]] = {}
    answers = in_process.sit(
        sitting, key, lambda request: recording.into(asked.setdefault(request.name, []))
    )
    return {name: (steps, len(answers[name].packed)) for name, steps in asked.items()}
