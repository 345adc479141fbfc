"""Enrolling many: a list is received, looked at row by row, worked off in batches, undone."""
