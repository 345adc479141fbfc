"""``manage.py count``: the figures of everything, or of one programme, as YAML or JSON."""

import json
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError, CommandParser

from agencies.models import Programme
from reports import summing_up


class Command(BaseCommand):
    help = "Print agencies, quality systems, phases and training, counted from the rows."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--programme", metavar="CODE", help="only this programme")
        parser.add_argument("--json", action="store_true", help="JSON instead of YAML")

    def handle(self, *args: Any, **options: Any) -> None:
        summary = self._summary(options["programme"])
        if options["json"]:
            text = json.dumps(summary, ensure_ascii=False, indent=2)
        else:
            text = yaml.safe_dump(summary, allow_unicode=True, sort_keys=False)
        self.stdout.write(text)

    def _summary(self, code: str | None) -> summing_up.Summary:
        if code is None:
            return summing_up.everything()
        programme = Programme.objects.filter(slug=code).first()
        if programme is None:
            known = ", ".join(Programme.objects.order_by("slug").values_list("slug", flat=True))
            raise CommandError(f"There is no programme {code}. There are: {known or 'none'}.")
        return summing_up.of(programme)
