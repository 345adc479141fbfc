"""``manage.py register_keys`` tells the published keys; ``--rotate`` how to put in a new one."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from certificates.proof import keys, publishing


class Command(BaseCommand):
    help = "Tell the published keys; with --rotate, the settings that put in a new one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--rotate", action="store_true", help="make a new key and tell the settings (secret!)"
        )

    def handle(self, *args: Any, rotate: bool, **options: Any) -> None:
        published = keys.published()
        if not rotate:
            for one in published.values():
                until = f"signed until {one.last_day}" if one.last_day else "no longer signs"
                state = "signs now" if one.signs else until
                self.stdout.write(
                    f"{one.key_id}: {one.encoded}  {publishing.thumbprint(one)}  {state}"
                )
            return
        if max(published) == 255:
            raise CommandError("Key ids end at 255.")
        today = timezone.localdate()
        retired = []
        for one in published.values():
            last_day = today if one.signs else one.last_day
            retired.append(f"{one.key_id}={one.encoded}" + (f"@{last_day}" if last_day else ""))
        self.stdout.write(f"REGISTER_SIGNING_KEY={keys.new_key()}")
        self.stdout.write(f"REGISTER_SIGNING_KEY_ID={max(published) + 1}")
        self.stdout.write(f"REGISTER_PUBLIC_KEYS={','.join(retired)}")
