import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from agencies.establishing import add_phase, adopt_programme, form_system
from agencies.models import Programme, SystemMember
from courses.authoring import add_assessment
from courses.models import Course
from reports import summing_up
from tests.factories import AgencyFactory, PersonFactory, QuizFactory, RunFactory, lessons_of
from tests.reports.training import certified, moment, run_of, turn

pytestmark = pytest.mark.django_db


def adopted(slug: str) -> Programme:
    return adopt_programme(slug=slug, name=f"Đề án {slug}", starts_on=date(2020, 1, 2))


def printed(*arguments: str) -> str:
    output = StringIO()
    call_command("count", *arguments, stdout=output)
    return output.getvalue()


def test_a_programme_has_its_agencies_systems_and_phases() -> None:
    programme = adopted("1439")
    commune, *divisions = [AgencyFactory.create() for _ in range(3)]
    form_system(name="Xã", agencies=[commune], on=date(2020, 1, 2))
    form_system(name="Huyện", agencies=divisions, on=date(2021, 1, 2))
    for order, agencies in ((1, [commune]), (2, [commune, *divisions])):
        add_phase(
            programme=programme,
            order=order,
            name=f"Giai đoạn {order}",
            starts_on=date(2019 + order, 1, 2),
            ends_on=date(2019 + order, 12, 31),
            agencies=agencies,
        )
    summary = summing_up.of(programme)
    assert (summary["agencies"], summary["systems"]) == (3, 2), "the commune is in both phases"
    assert summary["phases"] == [
        {"name": "Giai đoạn 1", "year": 2020, "agencies": 1, "systems": 1},
        {"name": "Giai đoạn 2", "year": 2021, "agencies": 3, "systems": 2},
    ]


def test_a_system_counts_in_a_phase_only_while_the_agency_was_in_it() -> None:
    agency, programme = AgencyFactory.create(), adopted("1439")
    form_system(name="Cũ", agencies=[agency], on=date(2018, 1, 1))
    SystemMember.objects.update(left_on=date(2019, 12, 31))
    form_system(name="Mới", agencies=[agency], on=date(2020, 1, 1))
    form_system(name="Về sau", agencies=[AgencyFactory.create()], on=date(2024, 1, 1))
    add_phase(
        programme=programme,
        order=1,
        name="Giai đoạn 1",
        starts_on=date(2020, 1, 2),
        ends_on=date(2020, 12, 31),
        agencies=[agency],
    )
    assert summing_up.of(programme)["systems"] == 1


def test_training_is_counted_by_kind_and_supplementary_turns_apart() -> None:
    programme, other = adopted("1439"), adopted("2026")
    phase, later = [
        add_phase(programme=each, order=1, name="Giai đoạn 1", starts_on=date(2020, 1, 2))
        for each in (programme, other)
    ]
    person, agency = PersonFactory.create(), AgencyFactory.create()
    turn(person, run_of(phase=phase), agency)
    certified(turn(person, run_of(Course.Kind.INTERNAL_AUDITOR, phase=phase), agency))
    turn(person, run_of(phase=phase, supplementary=True), agency)
    turn(PersonFactory.create(), run_of(phase=later), agency, at=moment(2026))
    turn(PersonFactory.create(), run_of(), agency, at=moment(2026))

    summary = summing_up.of(programme)
    assert summary["turns"] == {"awareness": 1, "internal_auditor": 1, "supplementary": 1}
    assert summary["persons"] == {
        "awareness": 1,
        "internal_auditor": 1,
        "supplementary": 1,
        "all": 1,
    }
    assert summary["certified_persons"] == 1
    assert (summary["courses"], summary["supplementary_classes"]) == (3, 1)

    everything = summing_up.everything()
    assert everything["turns"] == {"awareness": 3, "internal_auditor": 1, "supplementary": 1}
    assert everything["programmes"]["1439"] == summary


def test_lessons_and_quizzes_are_those_of_the_programmes_runs() -> None:
    quiz = QuizFactory.create()
    phase = add_phase(
        programme=adopted("2026"), order=1, name="Năm 2026", starts_on=date(2026, 1, 2)
    )
    for _ in range(2):
        RunFactory.create(course=quiz.assessment.course, phase=phase)
    RunFactory.create()
    lesson = lessons_of(quiz.assessment.course)[0]
    QuizFactory.create(assessment=add_assessment(lesson=lesson, title="Kiểm tra bài 1"))
    summary = summing_up.of(Programme.objects.get())
    assert (summary["courses"], summary["lessons"], summary["quizzes"]) == (1, 2, 2)


def test_the_command_prints_the_same_as_yaml_and_as_json() -> None:
    programme = adopted("de-an-1439")
    expected: Any = summing_up.of(programme)
    assert yaml.safe_load(printed("--programme", "de-an-1439")) == expected
    assert json.loads(printed("--programme", "de-an-1439", "--json")) == expected
    assert json.loads(printed("--json")) == summing_up.everything()


def test_the_command_names_the_programmes_when_it_does_not_know_one() -> None:
    adopted("de-an-1439")
    with pytest.raises(CommandError, match="de-an-1439"):
        printed("--programme", "de-an-9341")
