"""``manage.py verify_certificate FILE`` compares a PDF with what was issued."""

from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from certificates.look_up import comparing


class Command(BaseCommand):
    help = "Say whether a PDF is a certificate as it was issued, and what it is worth today."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=_existing)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        """End with 1 unless the file is the one that was issued and its certificate is valid."""
        if file.stat().st_size > comparing.MOST_BYTES:
            raise CommandError("The file is larger than any certificate.")
        compared = comparing.compare(file.read_bytes(), at=timezone.now())
        self.stdout.write(compared.words)
        for remark in compared.remarks:
            self.stdout.write(remark)
        if compared.signed_by:
            self.stdout.write(f"Signed by: {compared.signed_by}")
        found = compared.found
        if found:
            self.stdout.write(f"{found.number} · {found.full_name} · {found.status}")
        if compared.verdict != "issued" or found is None or found.status != "valid":
            raise CommandError("Not a valid certificate as issued.")


def _existing(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise ArgumentTypeError(f"There is no file {text}.")
    return path
