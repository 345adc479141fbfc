"""The areas that can be measured, by name."""

from bench import certificate, exam
from bench.rows import Area

ALL: dict[str, Area] = {"certificate": certificate.measure, "exam": exam.measure}
