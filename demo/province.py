"""Khánh Hòa: its territories, 276 agencies in 166 quality systems, and their two programmes."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from agencies.establishing import (
    add_phase,
    adopt_programme,
    establish_agency,
    establish_unit,
    form_system,
    register_document,
)
from agencies.models import AdministrativeUnit, Agency, Level, Phase

DATA = Path(__file__).parent / "data"
COMMITTEE = "UBND tỉnh Khánh Hòa"
# Districts and the communes of the old map ended with the reform of 2025.
LAST_DAY_OF_DISTRICTS = date(2025, 6, 30)
FIRST_DAY_OF_TWO_LEVELS = date(2025, 7, 1)


@dataclass(frozen=True)
class District:
    """A district of the old map: its divisions, and the committees of its communes."""

    unit: AdministrativeUnit
    divisions: list[Agency]
    communes: list[Agency]


@dataclass(frozen=True)
class Province:
    """What the rest of the demo needs: who learned then and learns today, and in which phase."""

    unit: AdministrativeUnit
    departments: list[Agency]
    districts: dict[str, District]
    phases: list[Phase]
    communes_today: list[Agency]
    phase_today: Phase


def read(name: str) -> Any:
    """A data file of the demo."""
    return yaml.safe_load((DATA / name).read_text(encoding="utf-8"))


def establish(*, today: date) -> Province:
    """Enter the province; entering it again adds nothing."""
    plan, known = read("programmes.yaml")["khanh_hoa_1439"], read("agencies.yaml")
    unit = establish_unit(name=known["province"], level=Level.PROVINCE)
    departments = _departments(unit, known)
    programme = adopt_programme(
        slug="khanh-hoa-1439",
        name="Đề án 1439: chuyển đổi HTQLCL sang TCVN ISO 9001:2015",
        starts_on=plan["approved_on"],
        deadline=plan["deadline"],
        decision=register_document(
            number=plan["decision"], issuer=COMMITTEE, issued_on=plan["approved_on"]
        ),
        territories=[unit],
    )
    districts: dict[str, District] = {}
    phases = []
    for order, described in enumerate(plan["phases"], start=1):
        year, covered = described["year"], []
        for name in described["districts"]:
            district = _district(unit, known, name, joined_on=date(year, 1, 2))
            districts[name] = district
            covered += district.divisions + district.communes
        if order == 1:
            covered += departments
        phases.append(
            add_phase(
                programme=programme,
                order=order,
                name=described["name"],
                starts_on=date(year, 1, 2),
                ends_on=min(date(year, 12, 31), plan["deadline"]),
                agencies=covered,
            )
        )
    return Province(
        unit=unit,
        departments=departments,
        districts=districts,
        phases=phases,
        communes_today=(communes := _communes_today(unit, known)),
        phase_today=_plan_of_today(unit, departments + communes, today),
    )


def _departments(unit: AdministrativeUnit, known: dict[str, Any]) -> list[Agency]:
    kinds = [(name, Agency.Kind.ADMINISTRATIVE) for name in known["departments"]]
    kinds += [(name, Agency.Kind.PUBLIC_SERVICE_UNIT) for name in known["public_service_units"]]
    agencies = []
    for name, kind in kinds:
        agency = establish_agency(name=name, level=Level.PROVINCE, territory=unit, kind=kind)
        form_system(name=f"HTQLCL {name}", agencies=[agency], on=date(2020, 1, 2))
        agencies.append(agency)
    return agencies


def _district(
    unit: AdministrativeUnit, known: dict[str, Any], name: str, *, joined_on: date
) -> District:
    """One quality system for the district's divisions together, one for each commune."""
    described = known["districts"][name]
    district = establish_unit(
        name=described["title"],
        level=Level.DISTRICT,
        parent=unit,
        valid_to=LAST_DAY_OF_DISTRICTS,
    )
    divisions = [
        establish_agency(
            name=f"{division} {described['title'][0].lower()}{described['title'][1:]}",
            level=Level.DISTRICT,
            territory=district,
            valid_to=LAST_DAY_OF_DISTRICTS,
        )
        for division in known["divisions"][: described["divisions"]]
    ]
    form_system(name=f"HTQLCL UBND {described['title']}", agencies=divisions, on=joined_on)
    committees = []
    for kind, key in (("phường", "wards"), ("thị trấn", "towns"), ("xã", "communes")):
        for commune in described.get(key, []):
            committee = _committee(
                f"{kind} {commune}", parent=district, valid_to=LAST_DAY_OF_DISTRICTS
            )
            form_system(
                name=f"HTQLCL {committee.name}, {described['title']}",
                agencies=[committee],
                on=joined_on,
            )
            committees.append(committee)
    return District(district, divisions, committees)


def _communes_today(unit: AdministrativeUnit, known: dict[str, Any]) -> list[Agency]:
    named = [f"phường {name}" for name in known["today"]["wards"]]
    named += [f"xã {name}" for name in known["today"]["communes"]]
    return [_committee(name, parent=unit, valid_from=FIRST_DAY_OF_TWO_LEVELS) for name in named]


def _committee(
    name: str,
    *,
    parent: AdministrativeUnit,
    valid_from: date | None = None,
    valid_to: date | None = None,
) -> Agency:
    commune = establish_unit(
        name=name[0].upper() + name[1:],
        level=Level.COMMUNE,
        parent=parent,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    return establish_agency(
        name=f"UBND {name}",
        level=Level.COMMUNE,
        territory=commune,
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _plan_of_today(unit: AdministrativeUnit, agencies: list[Agency], today: date) -> Phase:
    """The learner's runs belong to a plan of this year, not to Đề án 1439."""
    starts_on = today - timedelta(days=250)
    programme = adopt_programme(
        slug=f"khanh-hoa-{today.year}",
        name=f"Kế hoạch đào tạo ISO 9001 năm {today.year}",
        starts_on=starts_on,
        deadline=today + timedelta(days=120),
        territories=[unit],
    )
    return add_phase(
        programme=programme,
        order=1,
        name=f"Năm {today.year}",
        starts_on=starts_on,
        agencies=agencies,
    )
