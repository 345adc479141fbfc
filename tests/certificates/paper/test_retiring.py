"""A template that is retired is offered to no rule; what was issued by it stays."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certificates.issue import filing
from certificates.models import CertificateTemplate, IssuingRule, RegisterEntry
from certificates.paper import designing, retiring
from certificates.paper.retiring import InUse
from people.models import User
from tests.factories import IssuingRuleFactory, UserFactory, filed_certificate
from tests.staff import at_work, said
from tests.together import together

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def officer() -> User:
    user: User = UserFactory(officer=True)
    return user


@pytest.fixture
def template() -> CertificateTemplate:
    made = designing.create_template(name="Mẫu cũ", language="vi", at=timezone.now())
    return designing.publish(version_id=made.versions.get().pk)


@pytest.fixture
def client(officer: User) -> Client:
    return at_work(officer)


def retire(template: CertificateTemplate, by: User) -> bool:
    return retiring.retire(template_id=template.pk, by=by, at=timezone.now())


def offered(client: Client) -> list[CertificateTemplate]:
    """The templates among which a new issuing rule chooses."""
    page = client.get(reverse("issuing_rules:add"))
    return list(page.context["form"].fields["template"].queryset)


def act(client: Client, template: CertificateTemplate, do: str) -> Any:
    address = reverse("certificate_templates:retire", args=[template.pk])
    return client.post(address, {"do": do}, follow=True)


def test_a_retired_template_is_offered_to_no_rule_until_it_is_taken_back(
    client: Client, officer: User, template: CertificateTemplate
) -> None:
    assert offered(client) == [template]
    assert "Retired." in said(act(client, template, "retire"))
    template.refresh_from_db()
    assert template.retired_by == officer
    assert offered(client) == []
    assert "In use again" in said(act(client, template, "back"))
    assert offered(client) == [template]


def test_the_rules_that_use_it_are_named_and_it_stays_in_use(
    client: Client, template: CertificateTemplate
) -> None:
    for title in ("Đánh giá viên nội bộ", "Nhận thức ISO"):
        IssuingRuleFactory(template=template, printed_title=title)
    page = act(client, template, "retire")
    assert "“Nhận thức ISO”, “Đánh giá viên nội bộ”" in said(page)
    assert offered(client) == [template]
    for rule in IssuingRule.objects.all():
        assert reverse("issuing_rules:edit", args=[rule.pk]) in page.text


def test_once_the_rules_have_another_look_it_can_be_retired(
    officer: User, template: CertificateTemplate
) -> None:
    rule = IssuingRuleFactory(template=template)
    with pytest.raises(InUse):
        retire(template, officer)
    rule.template = None
    rule.save()
    assert retire(template, officer)


def test_what_was_issued_by_it_stays_as_it_is(officer: User, template: CertificateTemplate) -> None:
    rule = IssuingRuleFactory(template=template)
    entry = filed_certificate(rule=rule).entries.get(kind=RegisterEntry.Kind.ISSUE)
    with filing.storage().open(filing.filed_name(entry)) as file:
        before = file.read()
    IssuingRule.objects.update(template=None)
    retire(template, officer)
    assert filing.make_file(entry) == before
    assert template.versions.count() == 1, "nothing is deleted"


def test_retiring_twice_keeps_who_retired_it(officer: User, template: CertificateTemplate) -> None:
    assert retire(template, officer)
    assert not retire(template, UserFactory(officer=True))
    template.refresh_from_db()
    assert template.retired_by == officer


def test_a_rule_whose_form_was_open_meanwhile_does_not_take_it(
    client: Client, officer: User, template: CertificateTemplate
) -> None:
    rule = IssuingRuleFactory()
    retire(template, officer)
    rule.template = template
    with pytest.raises(ValidationError, match="retired"):
        rule.save()


def test_it_is_said_where_it_is_retired_while_the_rule_is_being_saved(
    client: Client, officer: User, template: CertificateTemplate, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = IssuingRuleFactory()
    address = reverse("issuing_rules:edit", args=[rule.pk])
    form = client.get(address).context["form"]
    sent = {one.html_name: one.value() for one in form if one.value() is not None}
    # The form is in order; then somebody else is faster.
    monkeypatch.setattr(IssuingRule, "clean", lambda self: retire(template, officer))
    answer = client.post(address, sent | {"template": template.pk})
    assert "This template is retired." in answer.text
    rule.refresh_from_db()
    assert rule.template is None


@pytest.mark.django_db(transaction=True)
def test_of_retiring_and_taking_it_at_the_same_moment_one_is_refused(
    officer: User, template: CertificateTemplate
) -> None:
    rule = IssuingRuleFactory()
    rule.template = template
    answers = together([lambda: retire(template, officer), rule.save])
    assert sum(isinstance(answer, InUse | ValidationError) for answer in answers) == 1
    rule.refresh_from_db()
    template.refresh_from_db()
    assert (rule.template is None) == (template.retired_at is not None)
