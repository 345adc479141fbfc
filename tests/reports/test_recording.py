from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from agencies.models import Agency, Level
from certificates.issue import issuing
from certificates.models import RegisterEntry
from certificates.signals import entry_written
from courses.models import Enrolment
from courses.signals import completed, participated
from reports import counting, recording
from reports.models import Fact
from tests.factories import (
    AgencyFactory,
    EnrolmentFactory,
    PersonFactory,
    filed_certificate,
    pending_certificate,
    watch,
    watch_all,
)
from tests.reports.training import certified, moment, run_of, take_back, turn

pytestmark = pytest.mark.django_db


def measures() -> list[str]:
    return sorted(Fact.objects.values_list("measure", flat=True))


def test_nothing_is_counted_when_somebody_only_enrols() -> None:
    EnrolmentFactory.create()
    assert measures() == []


def test_who_meets_the_participation_rule_is_a_turn_and_not_yet_a_completion() -> None:
    enrolment = EnrolmentFactory.create()
    watch_all(enrolment)
    assert measures() == ["turn"]
    fact = Fact.objects.get()
    assert (fact.person, fact.enrolment, fact.run) == (
        enrolment.person,
        enrolment,
        enrolment.run,
    )


def test_who_completes_is_a_turn_and_a_completion() -> None:
    EnrolmentFactory.create(completed=True)
    assert measures() == ["completion", "turn"]


def test_a_certificate_is_counted_when_it_is_filed_and_not_before() -> None:
    certificate = pending_certificate()
    assert "certificate" not in measures()

    issuing.issue(certificate_id=certificate.pk, at=timezone.now())

    fact = Fact.objects.get(measure=Fact.Measure.CERTIFICATE)
    issued = certificate.entries.get(kind=RegisterEntry.Kind.ISSUE)
    assert fact.certificate_number == issued.number
    assert fact.at == issued.at, "the date of issue counts, not that of filing"


def test_what_is_told_twice_is_counted_once() -> None:
    certificate = filed_certificate()
    before = list(Fact.objects.order_by("pk").values())
    enrolment = Enrolment.objects.get(certificate=certificate)
    later = timezone.now()

    participated.send(Enrolment, enrolment=enrolment, at=later, noted_at=later)
    completed.send(Enrolment, enrolment=enrolment, at=later, noted_at=later)
    for entry in certificate.entries.all():
        entry_written.send(RegisterEntry, entry=entry, at=later)

    assert list(Fact.objects.order_by("pk").values()) == before
    assert measures() == ["certificate", "completion", "turn"]


def test_the_database_refuses_to_count_an_enrolment_twice() -> None:
    fact = turn(PersonFactory.create(), run_of(), AgencyFactory.create())
    fact.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        fact.save(force_insert=True)


def test_a_fact_is_taken_back_once() -> None:
    fact = turn(PersonFactory.create(), run_of(), AgencyFactory.create())
    take_back(fact)
    with pytest.raises(IntegrityError), transaction.atomic():
        take_back(fact)


def test_what_was_taken_back_can_happen_again_and_counts_once() -> None:
    person, run = PersonFactory.create(), run_of()
    first = turn(person, run, None)
    assert first.enrolment
    for _time in range(2):
        recording.take_back(measure=Fact.Measure.TURN, enrolment=first.enrolment)
    assert not Fact.objects.standing().exists()
    for day in (5, 6):
        recording.record(
            measure=Fact.Measure.TURN, enrolment=first.enrolment, at=moment(2021, 1, day)
        )
    (standing,) = Fact.objects.standing()
    assert (standing.at, standing.occurrence) == (moment(2021, 1, 5), 2)
    assert counting.totals(Fact.objects.all()).turns == 1


def test_a_fact_is_never_rewritten() -> None:
    fact = turn(PersonFactory.create(), run_of(), AgencyFactory.create())
    with pytest.raises(IntegrityError), transaction.atomic():
        Fact.objects.update(year=1999)
    fact.year = 1999
    with pytest.raises(IntegrityError), transaction.atomic():
        fact.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        Fact.objects.filter(pk=fact.pk).delete()
    assert Fact.objects.get().year == 2020


def test_a_fact_keeps_the_agency_and_its_level_as_at_the_time() -> None:
    agency = AgencyFactory.create(level=Level.DISTRICT)
    fact = turn(PersonFactory.create(agency=agency), run_of(), agency)
    Agency.objects.filter(pk=agency.pk).update(level=Level.COMMUNE)
    fact.refresh_from_db()
    assert (fact.agency, fact.level) == (agency, Level.DISTRICT)


def test_the_year_is_that_of_the_clock_in_vietnam() -> None:
    new_year_in_vietnam = datetime(2026, 12, 31, 18, tzinfo=UTC)
    fact = turn(PersonFactory.create(), run_of(), None, at=new_year_in_vietnam)
    assert fact.year == 2027


def test_a_fact_without_agency_has_no_level() -> None:
    fact = turn(PersonFactory.create(), run_of(), None)
    assert (fact.agency, fact.level) == (None, "")


def test_an_event_that_is_undone_leaves_no_fact() -> None:
    enrolment = EnrolmentFactory.create()
    first, second = [lesson.page for lesson in enrolment.run.lessons.order_by("order")]
    watch(enrolment, first)
    with transaction.atomic():
        watch(enrolment, second)
        assert measures() == ["turn"]
        transaction.set_rollback(True)
    assert measures() == []


def test_a_certificate_of_a_supplementary_run_is_supplementary() -> None:
    fact = certified(turn(PersonFactory.create(), run_of(supplementary=True), None))
    assert fact.supplementary
