"""Templates have versions, and certificates keep theirs."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from certificates.issue import braking, candidates, filing, freezing, issuing
from certificates.models import (
    Brake,
    Certificate,
    CertificateTemplate,
    IssuingRule,
    RegisterEntry,
    TemplateVersion,
)
from certificates.paper import designing, layout, ready_made
from certificates.paper.designing import CannotPublish
from certificates.paper.layout import LayoutRefused
from certificates.paper.rendering import RenderingError
from tests.certificates.paper.test_layout import with_field
from tests.factories import (
    IssuingRuleFactory,
    PersonFactory,
    UserFactory,
    filed_certificate,
    pending_certificate,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


def template(language: str = "vi", *, published: bool = True, name: str = "") -> Any:
    made = designing.create_template(
        name=name or f"Mẫu {language}", language=language, at=timezone.now()
    )
    if published:
        designing.publish(version_id=made.versions.get().pk)
        made.refresh_from_db()
    return made


def rule_with(chosen: CertificateTemplate) -> IssuingRule:
    rule: IssuingRule = IssuingRuleFactory(template=chosen)
    return rule


def entry_of(certificate: Certificate) -> RegisterEntry:
    return RegisterEntry.objects.get(certificate=certificate, kind="issue")


def kept(certificate: Certificate) -> bytes:
    with filing.storage().open(filing.filed_name(entry_of(certificate))) as file:
        pdf: bytes = file.read()
    return pdf


def test_a_template_begins_with_the_ready_made_layout_in_its_language() -> None:
    made = template("en", published=False)
    (version,) = made.versions.all()
    assert layout.read(version.layout) == ready_made.layout("en")
    assert made.published is None


def test_a_template_can_begin_as_a_copy_of_another() -> None:
    first = template(published=False)
    changed = designing.save_version(
        template_id=first.pk, design=with_field("Họ và tên", size=26.0), at=timezone.now()
    )
    copy = designing.create_template(
        name="Bản sao", language="vi", at=timezone.now(), copied=changed
    )
    assert copy.versions.get().sha256 == changed.sha256


def test_two_templates_have_not_the_same_name() -> None:
    template(name="Mẫu", published=False)
    with pytest.raises(ValidationError):
        template(name="Mẫu", published=False)


def test_each_change_is_a_version_and_no_change_is_none() -> None:
    made = template(published=False)
    now = timezone.now()
    changed = with_field("Họ và tên", size=26.0)
    second = designing.save_version(template_id=made.pk, design=changed, at=now)
    again = designing.save_version(template_id=made.pk, design=changed, at=now)
    assert (second.number, again) == (2, second)
    assert made.versions.count() == 2


def test_a_layout_that_is_not_sound_is_not_kept() -> None:
    made = template(published=False)
    with pytest.raises(LayoutRefused):
        designing.save_version(
            template_id=made.pk, design=with_field("Mã QR", width=20.0), at=timezone.now()
        )
    assert made.versions.count() == 1


def test_a_version_is_neither_changed_nor_deleted() -> None:
    version = template(published=False).versions.get()
    for act in (
        lambda: TemplateVersion.objects.filter(pk=version.pk).update(layout={}),
        lambda: TemplateVersion.objects.filter(pk=version.pk).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()


def test_what_would_not_fit_is_not_published_and_the_field_is_named() -> None:
    made = template()
    narrow = designing.save_version(
        template_id=made.pk,
        design=with_field("Họ và tên", width=40.0),
        at=timezone.now(),
    )
    with pytest.raises(CannotPublish, match="Họ và tên"):
        designing.publish(version_id=narrow.pk)
    made.refresh_from_db()
    assert made.published.number == 1


def test_a_certificate_names_the_published_version_and_is_drawn_by_it() -> None:
    made = template()
    designed = filed_certificate(rule=rule_with(made))
    content = entry_of(designed).content
    assert content["template"] == {"version": made.published.pk, "sha256": made.published.sha256}
    built_in = filed_certificate(rule=IssuingRuleFactory())
    assert "template" not in entry_of(built_in).content
    assert (
        hashlib.sha256(kept(designed)).hexdigest()
        == (RegisterEntry.objects.get(of=entry_of(designed)).content["sha256"])
    )


def test_later_changes_of_a_template_move_no_issued_certificate() -> None:
    made = template()
    rule = rule_with(made)
    before = filed_certificate(rule=rule)
    pdf = kept(before)
    moved = with_field("Họ và tên", size=24.0, colour="#003366")
    second = designing.save_version(template_id=made.pk, design=moved, at=timezone.now())
    designing.publish(version_id=second.pk)
    CertificateTemplate.objects.filter(pk=made.pk).update(name="Tên khác", language="en")
    IssuingRule.objects.filter(pk=rule.pk).update(template=None)
    designing._design.cache_clear()
    assert filing.make_file(entry_of(before)) == pdf
    IssuingRule.objects.filter(pk=rule.pk).update(template=made)
    after = filed_certificate(rule=rule)
    assert after.state == Certificate.State.PENDING
    # The paper looks otherwise than the last one: an officer has to look.
    braking.release(
        brake_id=Brake.objects.get().pk,
        reason="Mẫu mới",
        by=UserFactory(officer=True),
        at=timezone.now(),
        seen_up_to=after.pk,
    )
    issuing.issue(certificate_id=after.pk, at=timezone.now())
    assert entry_of(after).content["template"]["version"] == second.pk


def test_an_english_template_makes_an_english_certificate() -> None:
    content = entry_of(filed_certificate(rule=rule_with(template("en")))).content
    assert content["language"] == "en"
    assert content["title"] == "CERTIFICATE OF COMPLETION"
    assert content["form_of_study"] in ("Online", "In person", "Blended")
    assert content["notice"].startswith("Electronic copy")


def test_without_a_published_version_nothing_is_numbered() -> None:
    pending = pending_certificate(rule=rule_with(template(published=False)))
    with pytest.raises(freezing.CannotIssue, match="published"):
        issuing.issue(certificate_id=pending.pk, at=timezone.now())
    assert not pending.entries.exists()


def test_what_would_not_fit_takes_no_number() -> None:
    person = PersonFactory(full_name="Nguyễn Phúc Thị Phương Nghiêng " * 3 + "Khai")
    narrow = designing.save_version(
        template_id=template(published=False).pk,
        design=with_field("Họ và tên", x=100.0, width=90.0, height=12.0),
        at=timezone.now(),
    )
    CertificateTemplate.objects.filter(pk=narrow.template_id).update(published=narrow)
    pending = pending_certificate(rule=rule_with(narrow.template), person=person)
    with pytest.raises(RenderingError, match="Họ và tên"):
        issuing.issue(certificate_id=pending.pk, at=timezone.now())
    pending.refresh_from_db()
    assert "Họ và tên" in pending.problem
    assert not pending.entries.exists()


def test_a_version_that_is_not_what_it_was_draws_nothing() -> None:
    version = template().published
    content = {"template": {"version": version.pk, "sha256": "0" * 64}}
    with pytest.raises(RenderingError, match="not what it was"):
        designing.design_of(content)


def test_a_lost_picture_is_said() -> None:
    gone = replace(ready_made.layout("vi"), background="a" * 64)
    with pytest.raises(RenderingError, match="missing"):
        designing.open_design(gone)


def test_a_candidate_is_previewed_in_the_template() -> None:
    rule = rule_with(template("en"))
    pending = pending_certificate(rule=rule)
    assert pending.enrolment is not None
    run = pending.enrolment.run
    found = candidates.rule_of(run)
    assert found is not None
    preview = candidates.preview(enrolment=pending.enrolment, rule=found, at=timezone.now())
    assert preview.startswith(b"%PDF")
    (seen,) = candidates.look_at(list(candidates.completed(run)), rule=found, at=timezone.now())
    assert seen.content["language"] == "en"
