"""The exam day, rehearsed: everybody sits the test in the same hour, and the machinery is cut.

``python -m drill`` runs on servers of its own and prints what was lost: see ``docs/drill.md``.
"""
