class FileRefused(Exception):
    """Carries the reason why a list cannot be read, in words for people."""


class ListRefused(Exception):
    """Carries the reason why a step with a list cannot be taken, in words for people."""
