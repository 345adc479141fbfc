"""Benchmarks: CPU seconds, statements and bytes of the work that matters.

``python -m bench [area …]`` prints a table and merges its rows into ``var/bench.json``.
"""
