"""Entering territories, agencies, quality systems and programmes.

Every verb finds what is already there under the same name, so that entering a list twice adds
nothing.
"""

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from agencies.models import (
    AdministrativeUnit,
    Agency,
    LegalDocument,
    Level,
    Phase,
    Programme,
    QualityManagementSystem,
    Standard,
    StandardEdition,
    SystemMember,
)
from vietnamese.text import nfc


def establish_unit(
    *,
    name: str,
    level: Level,
    parent: AdministrativeUnit | None = None,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> AdministrativeUnit:
    """A territory; ``valid_to`` is its last day."""
    unit, _created = AdministrativeUnit.objects.get_or_create(
        name=nfc(name),
        level=level,
        parent=parent,
        valid_from=valid_from,
        defaults={"valid_to": valid_to},
    )
    return unit


def establish_agency(
    *,
    name: str,
    level: Level,
    territory: AdministrativeUnit,
    kind: Agency.Kind = Agency.Kind.ADMINISTRATIVE,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Agency:
    """An agency of a territory; ``valid_to`` is its last day."""
    agency, _created = Agency.objects.get_or_create(
        name=nfc(name),
        territory=territory,
        valid_from=valid_from,
        defaults={"level": level, "kind": kind, "valid_to": valid_to},
    )
    return agency


def form_system(*, name: str, agencies: Iterable[Agency], on: date) -> QualityManagementSystem:
    """A quality management system that these agencies run together from that day.

    Raises IntegrityError if one of them is in another system.
    """
    with transaction.atomic():
        system, _created = QualityManagementSystem.objects.get_or_create(name=nfc(name))
        members = set(system.members.filter(left_on=None).values_list("agency", flat=True))
        for agency in agencies:
            if agency.pk not in members:
                SystemMember.objects.create(system=system, agency=agency, joined_on=on)
    return system


def register_edition(*, standard: str, title: str, name: str, year: int) -> StandardEdition:
    """An edition of a standard, and the standard itself."""
    found, _created = Standard.objects.get_or_create(code=standard, defaults={"title": title})
    edition, _created = StandardEdition.objects.get_or_create(
        name=name, defaults={"standard": found, "year": year}
    )
    return edition


def register_document(
    *, number: str, issuer: str, issued_on: date | None, title: str = ""
) -> LegalDocument:
    """A decision or plan on which a programme rests."""
    document, _created = LegalDocument.objects.get_or_create(
        number=nfc(number), issuer=nfc(issuer), defaults={"issued_on": issued_on, "title": title}
    )
    return document


def adopt_programme(
    *,
    slug: str,
    name: str,
    starts_on: date,
    deadline: date | None = None,
    decision: LegalDocument | None = None,
    territories: Iterable[AdministrativeUnit] = (),
) -> Programme:
    """A programme under which training is done and counted."""
    programme, _created = Programme.objects.get_or_create(
        slug=slug,
        defaults={
            "name": name,
            "starts_on": starts_on,
            "deadline": deadline,
            "decision": decision,
        },
    )
    programme.territories.add(*territories)
    return programme


def add_phase(
    *,
    programme: Programme,
    order: int,
    name: str,
    starts_on: date,
    ends_on: date | None = None,
    agencies: Iterable[Agency] = (),
) -> Phase:
    """A stage of a programme with the agencies that it covers."""
    phase, _created = Phase.objects.get_or_create(
        programme=programme,
        order=order,
        defaults={"name": name, "starts_on": starts_on, "ends_on": ends_on},
    )
    phase.agencies.add(*agencies)
    return phase
