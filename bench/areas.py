"""The areas that can be measured, by name."""

from collections.abc import Iterator

from bench import certificate, course, exam, full_demo, register
from bench.rows import Area, Row


def _course() -> Iterator[Row]:
    yield from course.measure()
    yield from full_demo.measure()


ALL: dict[str, Area] = {
    "certificate": certificate.measure,
    "course": _course,
    "exam": exam.measure,
    "register": register.measure,
}
# They bring processes and a place of their own.
ALONE = {"exam", "register"}
