"""``manage.py verify_register``: whether the registers and their files are as they were entered."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _

from certificates.models import Register
from certificates.register import verifying
from certificates.register.verifying import Found


class Command(BaseCommand):
    help = (
        "Walk chain, numbers, contents, signed heads and files of every register; name the first"
        " thing that is wrong and exit with 1."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--register", metavar="CODE", default="", help="only this register")
        parser.add_argument(
            "--do-not-read-files",
            action="store_true",
            help="only look whether each file is there with its size",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        code = options["register"]
        if code and not Register.objects.filter(code=code).exists():
            raise CommandError(_("There is no register %(code)s.") % {"code": code})
        found = verifying.verify(
            register_code=code,
            reads=lambda _position: not options["do_not_read_files"],
            progress=self._tell,
        )
        if found.problem:
            raise CommandError(found.problem)
        self.stdout.write(
            _("In order: %(entries)s entries, %(files)s files.")
            % {"entries": found.entries, "files": found.files}
        )

    def _tell(self, found: Found) -> None:
        """A line that is written over, for people only."""
        if self.stderr.isatty():
            self.stderr.write(f"\r{found.entries} … ", ending="")
