"""Issuing by a list: received, each line found among who has completed a course, then one issue."""
