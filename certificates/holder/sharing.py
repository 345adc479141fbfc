"""A public address of a certificate, for whoever the holder sends it to."""

import secrets
from datetime import datetime

from certificates.look_up import looking_up
from certificates.look_up.looking_up import Found
from certificates.models import Certificate, ShareLink
from jobs.writing import insert_new

# 192 bits: nobody finds one by trying, so that it needs no limit.
_BYTES = 24


def share(*, certificate: Certificate, at: datetime) -> ShareLink:
    """The link of a certificate; asking again gives the one that stands."""
    while (standing := link_of(certificate)) is None:
        token = secrets.token_urlsafe(_BYTES)
        insert_new(ShareLink(certificate=certificate, token=token, created_at=at))
    return standing


def withdraw(*, certificate: Certificate, at: datetime) -> bool:
    """From now on the link leads nowhere; whether there was one."""
    standing = ShareLink.objects.filter(certificate=certificate, withdrawn_at__isnull=True)
    return bool(standing.update(withdrawn_at=at))


def link_of(certificate: Certificate) -> ShareLink | None:
    """The link that stands."""
    return ShareLink.objects.filter(certificate=certificate, withdrawn_at__isnull=True).first()


def shown(*, token: str) -> Found | None:
    """What anyone may know of the certificate of a standing link, as the look-up tells it."""
    link = ShareLink.objects.filter(token=token, withdrawn_at__isnull=True).first()
    return looking_up.of_certificate(certificate_id=link.certificate_id) if link else None
