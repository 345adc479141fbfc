"""Plays the demo through the product's own verbs: the province, the courses, some dozens of people.

An interrupted play leaves no half: it is one transaction, and its last act is the learner's login.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from agencies.models import Agency
from cms.presenting import present_home
from demo import classes, province, teaching
from demo.province import Province
from demo.teaching import Taught
from people.models import StaffCategory, User
from people.registering import open_account, register_person
from people.roles import Role

PASSWORD = "iso9001-demo"  # noqa: S105  (printed by make demo, valid in the demo only)
# The courses were made before the first phase of Đề án 1439.
TAUGHT_SINCE = datetime(2019, 12, 2, 8, tzinfo=timezone.get_default_timezone())


class Login(NamedTuple):
    role: str
    username: str
    password: str
    address: str


LOGINS = [
    Login("Learner", "hocvien", PASSWORD, "/hoc-tap/"),
    Login("Trainer", "giangvien", PASSWORD, "/admin/"),
    Login("Agency focal point", "daumoi", PASSWORD, "/admin/"),
    Login("DOST officer", "sokhcn", PASSWORD, "/admin/"),
]


@dataclass(frozen=True)
class Prepared:
    """The province with its courses, and the officer who opens the classes."""

    province: Province
    taught: Taught
    officer: User


def is_played() -> bool:
    return User.objects.filter(username="hocvien").exists()


def play(*, at: datetime, report: Callable[[str], None] = print) -> None:
    """Fill an empty database; returns at once where it was played before."""
    if is_played():
        return
    # Every name and every answer is the same in each demo.
    rng = random.Random(1439)  # noqa: S311
    local = timezone.localtime(at)
    with transaction.atomic(), override("vi"):
        prepared = prepare(at=at, report=report)
        place = prepared.province
        learner = register_person(
            full_name="Nguyễn Thị Minh Hương",
            date_of_birth=date(1984, 9, 2),
            agency=_department(place),
            joined_on=date(2010, 6, 1),
            position="Chuyên viên",
            staff_category=StaffCategory.CIVIL_SERVANT,
        )
        report("Some dozens of people learn, are tested, and some become auditors…")
        classes.play(province=place, taught=prepared.taught, learner=learner, at=local, rng=rng)
        present_home(
            lead=(
                "Học trực tuyến, kiểm tra và nhận giấy chứng nhận hoàn thành khóa đào tạo "
                "TCVN ISO 9001:2015 dành cho cán bộ, công chức tỉnh Khánh Hòa."
            ),
            by=prepared.officer,
        )
        open_account(username="hocvien", password=PASSWORD, person=learner)


def prepare(*, at: datetime, report: Callable[[str], None] = print) -> Prepared:
    """The province, the logins of its staff and the two courses; what is there is found again."""
    with transaction.atomic(), override("vi"):
        report("Khánh Hòa: 276 agencies in 166 quality management systems…")
        place = province.establish(today=timezone.localdate(at))
        officer = User.objects.filter(username="sokhcn").first()
        if officer:
            return Prepared(place, teaching.find(), officer)
        trainer, officer, _focal_point = (
            open_account(
                username=username,
                password=PASSWORD,
                roles=[role],
                focal_point_of=[_department(place)] if role is Role.FOCAL_POINT else [],
                person=register_person(
                    full_name=name,
                    agency=_department(place),
                    position=position,
                    joined_on=date(2012, 1, 2),
                ),
            )
            for username, name, position, role in (
                ("giangvien", "Lê Quốc Khánh", "Giảng viên", Role.TRAINER),
                ("sokhcn", "Võ Thành Nhân", "Chuyên viên", Role.DOST_OFFICER),
                ("daumoi", "Trần Thị Bích Ngọc", "Thư ký ISO", Role.FOCAL_POINT),
            )
        )
        report("Two courses, five lessons, forty questions…")
        return Prepared(place, teaching.prepare(trainer=trainer, at=TAUGHT_SINCE), officer)


def _department(place: Province) -> Agency:
    return next(one for one in place.departments if "Khoa học" in one.name)
