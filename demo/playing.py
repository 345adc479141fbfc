"""Plays the demo through the product's own verbs: the province, the courses, some dozens of people.

An interrupted play leaves no half: it is one transaction, and its last act is the learner's login.
"""

import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import override

from cms.presenting import present_home
from demo import classes, province, teaching
from people.models import StaffCategory, User
from people.registering import open_account, register_person
from people.roles import Role

PASSWORD = "iso9001-demo"  # noqa: S105  (printed by make demo, valid in the demo only)


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
        report("Khánh Hòa: 276 agencies in 166 quality management systems…")
        place = province.establish(today=local.date())
        department = next(one for one in place.departments if "Khoa học" in one.name)
        trainer, officer, _focal_point = (
            open_account(
                username=username,
                password=PASSWORD,
                roles=[role],
                focal_point_of=[department] if role is Role.FOCAL_POINT else [],
                person=register_person(
                    full_name=name,
                    agency=department,
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
        taught = teaching.prepare(trainer=trainer, at=local - timedelta(days=240))
        learner = register_person(
            full_name="Nguyễn Thị Minh Hương",
            date_of_birth=date(1984, 9, 2),
            agency=department,
            joined_on=date(2010, 6, 1),
            position="Chuyên viên",
            staff_category=StaffCategory.CIVIL_SERVANT,
        )
        report("Some dozens of people learn, are tested, and some become auditors…")
        classes.play(province=place, taught=taught, learner=learner, at=local, rng=rng)
        present_home(
            lead=(
                "Học trực tuyến, kiểm tra và nhận giấy chứng nhận hoàn thành khóa đào tạo "
                "TCVN ISO 9001:2015 dành cho cán bộ, công chức tỉnh Khánh Hòa."
            ),
            by=officer,
        )
        open_account(username="hocvien", password=PASSWORD, person=learner)
