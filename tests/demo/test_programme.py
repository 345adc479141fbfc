"""The programme of 2020-2021, played with a small plan: what is counted is what people did."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db.models import Count
from django.utils import timezone

from agencies.models import Programme
from certificates.models import Certificate, RegisterEntry
from courses.models import AssessmentResult, Attendance, CourseRun, Enrolment
from demo import historical, plan, taking
from demo.playing import Prepared, prepare
from demo.programme import Programme as Player
from jobs import sweeps
from jobs.models import Heartbeat
from reports import summing_up
from reports.models import Fact

pytestmark = pytest.mark.django_db

SMALL = Path(__file__).parent / "small_plan.yaml"


@pytest.fixture(scope="module")
def prepared(once: Any) -> Prepared:
    made: Prepared = once(lambda: prepare(at=timezone.now(), report=lambda _line: None))
    return made


def small() -> plan.Plan:
    return plan.load(yaml.safe_load(SMALL.read_text(encoding="utf-8")))


def play(prepared: Prepared) -> int:
    """Play the small plan and issue what is pending; how many steps were told."""
    steps: list[int] = []
    Player(
        plan=small(),
        province=prepared.province,
        taught=prepared.taught,
        officer=prepared.officer,
        step=lambda: steps.append(1),
    ).play()
    sweeps.run_all(at=timezone.now())
    return len(steps)


def counted() -> dict[str, Any]:
    return summing_up.of(Programme.objects.get(slug="khanh-hoa-1439"))


def test_the_counts_are_those_of_what_people_did(prepared: Prepared) -> None:
    assert play(prepared) == small().studies
    summary = counted()
    # 5 + 2 + 4 come first, 1 + 1 fail and come again; 4 + 3 auditors, 2 + 1 come again.
    assert summary["turns"] == {"awareness": 13, "internal_auditor": 10, "supplementary": 3}
    persons = summary["persons"]
    assert (persons["awareness"], persons["internal_auditor"]) == (11, 7)
    assert (summary["certified_persons"], summary["supplementary_classes"]) == (6, 1)
    assert (summary["courses"], summary["lessons"], summary["quizzes"]) == (2, 5, 2)
    assert not Certificate.objects.unfinished().exists()
    absent = Enrolment.objects.filter(participated_at=None, run__phase__isnull=False)
    assert absent.count() == 2
    assert not CourseRun.objects.exclude(state=CourseRun.State.CLOSED).exists()


def test_every_figure_has_its_year_and_every_certificate_its_date(prepared: Prepared) -> None:
    play(prepared)
    turns = Fact.objects.standing().filter(measure=Fact.Measure.TURN, supplementary=False)
    by_year = dict(turns.order_by().values_list("year").annotate(Count("pk")))
    assert by_year == {2020: 5 + 2 + 1 + 4 + 2, 2021: 4 + 1 + 3 + 1}
    issued = RegisterEntry.objects.filter(kind=RegisterEntry.Kind.ISSUE)
    assert {entry.at.year for entry in issued} == {2020, 2021}
    for entry in issued:
        assert entry.certificate.enrolment
        assert entry.at >= entry.certificate.enrolment.completed_at  # type: ignore[operator]


def test_in_a_blended_run_people_come_by_clips_to_class_or_both(prepared: Prepared) -> None:
    play(prepared)
    blended = Enrolment.objects.filter(run__mode=CourseRun.Mode.BLENDED).exclude(
        participated_at=None
    )
    ways = {
        (one.progress.exists(), one.attendance.filter(present=True).exists()) for one in blended
    }
    assert ways == {(True, False), (False, True), (True, True)}
    sources = AssessmentResult.objects.filter(enrolment__in=blended).values_list("source")
    assert {source for (source,) in sources} == {"online", "paper"}


def test_one_answer_changed_changes_the_figures(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody who passed with the last mistake allowed makes one more, and comes again."""
    plainly = taking.mistakes
    changed: list[taking.Learner] = []

    def one_more(learner: taking.Learner, quiz: Any) -> list[int]:
        given = plainly(learner, quiz)
        is_auditor = quiz == prepared.taught.auditor_quiz
        if is_auditor and learner.passes and not learner.in_class and not changed:
            changed.append(learner)
            return [taking.tolerated(quiz) + 1, taking.tolerated(quiz) + 1]
        return given

    monkeypatch.setattr(taking, "mistakes", one_more)
    play(prepared)
    assert changed
    assert counted()["turns"]["internal_auditor"] == 11


def test_a_play_that_was_interrupted_goes_on_where_it_stopped(
    prepared: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    plainly = taking.sit
    studied: list[None] = []

    class Interrupted(Exception):
        pass

    def sit(**given: Any) -> Any:
        if len(studied) == 9:
            studied.append(None)
            raise Interrupted
        studied.append(None)
        return plainly(**given)

    monkeypatch.setattr(taking, "sit", sit)
    with pytest.raises(Interrupted):
        play(prepared)
    play(prepared)
    assert counted()["turns"] == {"awareness": 13, "internal_auditor": 10, "supplementary": 3}
    assert play(prepared) == small().studies
    assert (
        Attendance.objects.count()
        == Attendance.objects.values("session", "enrolment").distinct().count()
    )
    assert counted()["certified_persons"] == 6


def test_a_worker_that_was_stopped_a_moment_ago_is_not_taken_for_a_living_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(historical, "ANSWERS_WITHIN", timedelta(seconds=0.1))
    monkeypatch.setattr(historical, "LOOK", 0.01)
    Heartbeat.objects.create(name="certificates.unfinished", beat_at=timezone.now())
    assert not historical.is_beating()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(historical, "PATIENCE", timedelta(0))
    monkeypatch.setattr(historical, "LOOK", 0)


@pytest.mark.usefixtures("impatient")
def test_certificates_that_nobody_files_are_named(prepared: Prepared) -> None:
    Player(
        plan=small(),
        province=prepared.province,
        taught=prepared.taught,
        officer=prepared.officer,
        step=lambda: None,
    ).play()
    told: list[Any] = []
    with pytest.raises(historical.NotFiled, match="6 certificates"):
        historical.wait_until_filed(lambda *line: told.append(line))
    assert told[0] == ("Certificates are filed", 0, 6)
