"""Assignments (bài tập tình huống): handed in by learners, marked by trainers along a rubric."""
