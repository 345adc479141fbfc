"""What ``certificates`` tells the rooms above: ``entry_written`` with ``entry`` and ``at``."""

from django.dispatch import Signal

entry_written = Signal()
