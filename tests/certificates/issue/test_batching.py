"""Issuing for many: seen as a bar, paused and resumed, each failure with its reason and a retry."""

from datetime import timedelta
from functools import partial
from typing import Any
from unittest import mock

import pytest
from django.urls import reverse
from django.utils import timezone

from certificates.issue import batching, candidates, issuing, pausing
from certificates.models import Certificate, IssueBatch, IssuingRule, Register, RegisterEntry
from certificates.paper import rendering
from courses.models import CourseRun
from jobs import progress
from people.models import Person
from tests import factories
from tests.staff import at_work, said
from tests.together import together

pytestmark = pytest.mark.django_db

State = Certificate.State


@pytest.fixture
def officer() -> Any:
    return factories.UserFactory(officer=True)


@pytest.fixture
def run() -> CourseRun:
    rule = factories.IssuingRuleFactory(issued_when=IssuingRule.IssuedWhen.AFTER_REVIEW)
    run: CourseRun = factories.RunFactory(course=rule.course)
    for _number in range(3):
        factories.EnrolmentFactory(run=run, completed=True)
    return run


def begin(run: CourseRun, officer: Any, *, also: tuple[int, ...] = ()) -> IssueBatch:
    chosen = [one.pk for one in candidates.completed(run)]
    batch = batching.begin(
        run_id=run.pk, enrolment_ids=[*chosen, *also], by=officer, at=timezone.now()
    )
    assert batch is not None
    return batch


def finish_asking(batch: IssueBatch) -> None:
    while progress.carry_on(progress_id=batch.work_id, at=timezone.now()):
        pass
    batch.refresh_from_db()


def issue_all(batch: IssueBatch) -> None:
    for certificate_id in batch.certificates.order_by("pk").values_list("pk", flat=True):
        issuing.issue(certificate_id=certificate_id, at=timezone.now())


def test_the_bar_counts_who_needs_nothing_more(run: CourseRun, officer: Any) -> None:
    batch = begin(run, officer)
    finish_asking(batch)
    assert (batching.standing(batch).done, batching.standing(batch).total) == (0, 3)
    issue_all(batch)
    assert batching.standing(batch).percent == 100
    assert Certificate.objects.filter(state=State.FILED).count() == 3


def test_who_waits_for_an_outside_signature_is_counted_too(run: CourseRun, officer: Any) -> None:
    Register.objects.update(signing=Register.Signing.OUTSIDE)
    batch = begin(run, officer)
    finish_asking(batch)
    issue_all(batch)
    standing = batching.standing(batch)
    assert (standing.unsigned, standing.done, standing.total) == (3, 0, 3)
    page = at_work(officer).get(reverse("issue_batches:inspect", args=[batch.pk]))
    assert f'<a href="{reverse("unsigned_files:index")}">3</a>' in page.text


def test_many_are_asked_for_in_batches_of_fifty(
    run: CourseRun, officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "BATCH", 2)
    batch = begin(run, officer)
    assert batch.certificates.count() == 2
    finish_asking(batch)
    assert batch.certificates.count() == batch.reached == 3


def test_who_is_left_out_is_named_with_the_reason(run: CourseRun, officer: Any) -> None:
    going = factories.EnrolmentFactory(run=run)
    strange = candidates.completed(run)[0]
    Person.objects.filter(pk=strange.person_id).update(full_name="王小明")
    batch = begin(run, officer, also=(going.pk,))
    finish_asking(batch)
    reasons = dict(batching.left_out(batch))
    assert reasons.keys() == {"王小明", str(going.person)}
    assert "王" in reasons["王小明"]
    again = begin(run, officer)
    finish_asking(again)
    assert batching.standing(again).left_out == 3
    assert Certificate.objects.count() == 2


def test_paused_no_number_is_given_until_it_is_resumed(run: CourseRun, officer: Any) -> None:
    batch = begin(run, officer)
    assert pausing.pause(batch_id=batch.pk, by=officer, at=timezone.now())
    assert not pausing.pause(batch_id=batch.pk, by=officer, at=timezone.now())
    issue_all(batch)
    assert issuing.finish_unfinished(timezone.now() + timedelta(minutes=1)) == 0
    assert not RegisterEntry.objects.exists()
    assert pausing.resume(batch_id=batch.pk, at=timezone.now())
    assert not pausing.resume(batch_id=batch.pk, at=timezone.now())
    issue_all(batch)
    assert batching.standing(batch).filed == 3


def test_what_has_its_number_is_finished_although_it_is_paused(
    run: CourseRun, officer: Any
) -> None:
    batch = begin(run, officer)
    first = batch.certificates.order_by("pk")[0]
    failing = mock.patch.object(rendering, "render", side_effect=rendering.RenderingError("no"))
    with failing, pytest.raises(rendering.RenderingError):
        issuing.issue(certificate_id=first.pk, at=timezone.now())
    pausing.pause(batch_id=batch.pk, by=officer, at=timezone.now())
    issue_all(batch)
    assert batching.standing(batch).filed == 1


@pytest.mark.django_db(transaction=True)
def test_no_number_is_given_after_the_pause_however_many_are_at_it() -> None:
    rule = factories.IssuingRuleFactory(issued_when=IssuingRule.IssuedWhen.AFTER_REVIEW)
    run = factories.RunFactory(course=rule.course)
    for _number in range(4):
        factories.EnrolmentFactory(run=run, completed=True)
    officer = factories.UserFactory(officer=True)
    batch = begin(run, officer)
    ids = list(batch.certificates.values_list("pk", flat=True))

    def pause() -> int:
        pausing.pause(batch_id=batch.pk, by=officer, at=timezone.now())
        return RegisterEntry.objects.filter(kind="issue").count()

    def issue(certificate_id: int) -> int:
        issuing.issue(certificate_id=certificate_id, at=timezone.now())
        return 0

    calls = [partial(issue, one) for one in ids]
    *_issued, at_pause = together([*calls, pause])
    assert RegisterEntry.objects.filter(kind="issue").count() == at_pause


def test_a_failure_has_its_reason_and_is_tried_again_at_a_press(
    run: CourseRun, officer: Any
) -> None:
    batch = begin(run, officer)
    failing = mock.patch.object(
        rendering, "render", side_effect=rendering.RenderingError("The disk is full.")
    )
    for certificate_id in batch.certificates.values_list("pk", flat=True):
        with failing, pytest.raises(rendering.RenderingError):
            issuing.issue(certificate_id=certificate_id, at=timezone.now())
    assert batching.standing(batch).failed == 3
    client = at_work(officer)
    address = reverse("issue_batches:inspect", args=[batch.pk])
    assert "The disk is full." in client.get(address).content.decode()
    one = batch.certificates.order_by("pk")[0]
    act = reverse("issue_batches:act", args=[batch.pk])
    single = client.post(reverse("issue_batches:retry", args=[one.pk]), follow=True)
    assert "1 certificate is tried again" in said(single)
    assert "2 certificates are tried again" in said(client.post(act, {"do": "again"}, follow=True))
    issue_all(batch)
    assert batching.standing(batch).filed == 3


def test_the_page_moves_by_itself_while_it_goes_on(run: CourseRun, officer: Any) -> None:
    client = at_work(officer)
    posted = {"confirmed": "1", "candidate": [one.pk for one in candidates.completed(run)]}
    begun = client.post(reverse("candidates", args=[run.pk]), posted)
    batch = IssueBatch.objects.get()
    assert begun.url == reverse("issue_batches:inspect", args=[batch.pk])
    assert client.get(begun.url).headers["Refresh"]
    act = reverse("issue_batches:act", args=[batch.pk])
    client.post(act, {"do": "pause"})
    assert "Refresh" not in client.get(begun.url).headers
    client.post(act, {"do": "resume"})
    finish_asking(batch)
    issue_all(batch)
    page = client.get(begun.url)
    assert "Refresh" not in page.headers
    assert "3 of 3 (100 %)" in page.content.decode()
    assert str(run) in client.get(reverse("issue_batches:index")).content.decode()
