"""Formats of the English interface: the same dates, English numbers."""
