"""A link that shows a certificate to whoever has it, until its holder withdraws it."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from certificates.holder import sharing
from certificates.models import Certificate, RegisterEntry, ShareLink
from tests import factories
from tests.certificates.deciding import decide

pytestmark = pytest.mark.django_db

NAME = "Nguyễn Thị Ánh Đức"
Kind = RegisterEntry.Kind


@pytest.fixture
def certificate() -> Certificate:
    person = factories.PersonFactory(full_name=NAME, date_of_birth=date(1985, 9, 2))
    return factories.filed_certificate(person=person)


@pytest.fixture
def holder(client: Client, certificate: Certificate) -> Client:
    client.force_login(factories.UserFactory(person=certificate.person))
    client.cookies["django_language"] = "en"
    return client


def visit(token: str) -> Any:
    anyone = Client()
    anyone.cookies["django_language"] = "en"
    return anyone.get(reverse("certificates:shared", args=[token]))


def press(holder: Client, name: str, certificate: Certificate) -> str:
    """Press a button of the certificate's page; the page that follows."""
    address = reverse(f"certificates:{name}", args=[certificate.public_id])
    answer = holder.post(address, follow=True)
    assert answer.status_code == 200
    return answer.text


def test_the_holder_makes_a_link_that_shows_what_the_look_up_shows(
    holder: Client, certificate: Certificate
) -> None:
    page = press(holder, "share", certificate)
    link = sharing.link_of(certificate)
    assert link is not None
    assert f"/chia-se/{link.token}/" in page
    shown = visit(link.token)
    content = certificate.entries.get(kind=Kind.ISSUE).content
    assert "The certificate is valid." in shown.text
    for told in ("full_name", "course_title", "number", "issuing_body"):
        assert content[told] in shown.text
    for private in ("02/09/1985", "1985", content["workplace"] or "no workplace"):
        assert private not in shown.text


def test_a_withdrawn_link_leads_nowhere_and_the_next_is_another(
    holder: Client, certificate: Certificate
) -> None:
    press(holder, "share", certificate)
    first = ShareLink.objects.get()
    assert "Make a share link" in press(holder, "withdraw_share", certificate)
    assert visit(first.token).status_code == 404
    assert "This link leads to no certificate." in visit(first.token).text
    press(holder, "share", certificate)
    second = sharing.link_of(certificate)
    assert second is not None
    assert second.token != first.token
    assert visit(second.token).status_code == 200
    assert visit(first.token).status_code == 404


def test_a_link_cannot_be_guessed(certificate: Certificate) -> None:
    link = sharing.share(certificate=certificate, at=timezone.now())
    assert len(link.token) == 32  # 192 bits in Base64
    assert str(certificate.public_id) not in link.token
    for token in ("x", "A" * 32, link.token[:-1], link.token.swapcase()):
        assert visit(token).status_code == 404


def test_asking_twice_gives_one_link(certificate: Certificate) -> None:
    links = [sharing.share(certificate=certificate, at=timezone.now()) for _ in range(2)]
    assert links[0].token == links[1].token
    with pytest.raises(IntegrityError), transaction.atomic():
        ShareLink.objects.create(certificate=certificate, token="other", created_at=timezone.now())


def test_a_shared_certificate_that_was_revoked_says_so(certificate: Certificate) -> None:
    link = sharing.share(certificate=certificate, at=timezone.now())
    decide(certificate.entries.get(kind=Kind.ISSUE), Kind.REVOKE)
    assert (
        f"Revoked on {timezone.localdate():%d/%m/%Y} by decision 12/QĐ-SKHCN."
        in visit(link.token).text
    )


def test_no_search_engine_no_cache_and_no_other_site_learns_of_it(
    certificate: Certificate,
) -> None:
    link = sharing.share(certificate=certificate, at=timezone.now())
    for answer in (visit(link.token), visit("x")):
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert "no-store" in answer.headers["Cache-Control"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert '<meta name="robots" content="noindex">' in answer.text


def test_nobody_shares_the_certificate_of_another(certificate: Certificate) -> None:
    stranger = Client()
    stranger.force_login(factories.UserFactory(person=factories.PersonFactory()))
    link = sharing.share(certificate=certificate, at=timezone.now())
    for name in ("share", "withdraw_share"):
        address = reverse(f"certificates:{name}", args=[certificate.public_id])
        assert stranger.post(address).status_code == 404
    assert visit(link.token).status_code == 200


def test_a_certificate_without_a_file_is_not_shared(holder: Client, certificate: Any) -> None:
    pending = factories.pending_certificate(person=certificate.person)
    answer = holder.post(reverse("certificates:share", args=[pending.public_id]))
    assert answer.status_code == 404
    assert not ShareLink.objects.exists()
