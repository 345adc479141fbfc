"""Plausible Vietnamese names, generated; none belongs to anybody."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

FAMILY = (
    "Nguyễn Nguyễn Nguyễn Nguyễn Trần Trần Lê Lê Phạm Phạm Hoàng Huỳnh Phan Vũ Võ Võ Đặng Bùi Đỗ "
    "Hồ Ngô Dương Lý Mai Cao Tô Lương Trương"
).split()
WOMEN = (
    ["Thị", "Thị", "Thị Thanh", "Thị Ngọc", "Thị Kim", "Thị Mỹ", "Thu", "Ngọc", "Bích", "Minh"],
    "An Châu Dung Duyên Hà Hạnh Hằng Hiền Hoa Hồng Hương Lan Liên Linh Loan Ly Mai Nga Ngân Nhung "
    "Phượng Quyên Thảo Thu Thủy Trang Tuyết Vân Xuân Yến",
)
MEN = (
    ["Văn", "Văn", "Đức", "Minh", "Quốc", "Hữu", "Công", "Thanh", "Anh", "Đình", "Xuân", "Ngọc"],
    "Anh Bảo Bình Cường Dũng Duy Đạt Đông Giang Hải Hậu Hiếu Hòa Hùng Huy Khánh Khoa Kiên Long Lộc "
    "Nam Nghĩa Phong Phúc Quân Sơn Tài Thắng Thành Thịnh Tiến Toàn Trung Tuấn Việt Vinh",
)
POSITIONS = ("Chuyên viên", "Chuyên viên", "Phó Trưởng phòng", "Văn thư", "Công chức Một cửa")


@dataclass(frozen=True)
class Invented:
    full_name: str
    date_of_birth: date
    position: str


def invent(rng: random.Random, *, born_from: int = 1968) -> Invented:
    """One person, born in the 34 years from ``born_from`` on."""
    middles, given = rng.choice((WOMEN, MEN))
    name = f"{rng.choice(FAMILY)} {rng.choice(middles)} {rng.choice(given.split())}"
    born = date(born_from, 1, 1) + timedelta(days=rng.randrange(34 * 365))
    return Invented(name, born, rng.choice(POSITIONS))
