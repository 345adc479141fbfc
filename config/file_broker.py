"""The embedded broker: kombu's file transport, made safe for several processes.

kombu creates a message's file empty and fills it afterwards; a worker that looks in between ends
with a JSONDecodeError (celery/kombu issue 1551). Here a file appears with its content.
"""

import logging
import os
from pathlib import Path
from time import time_ns
from typing import Any
from uuid import uuid4

from kombu.transport import filesystem
from kombu.utils.json import dumps

logger = logging.getLogger(__name__)


class Channel(filesystem.Channel):
    """Writes whole files only, and survives one that is broken all the same.

    kombu types neither the arguments nor the answers of these methods: hence what is ignored.
    """

    def _put(self, queue: str, payload: dict[str, Any], **_kwargs: Any) -> None:  # type: ignore[override]
        folder = Path(self.data_folder_out)
        # Read in the order of their names; nanoseconds have 19 digits until the year 2286.
        file = folder / f"{time_ns()}_{uuid4()}.{queue}.msg"
        draft = _draft(folder, payload)
        draft.rename(file)

    def _get(self, queue: str) -> Any:  # type: ignore[override]
        while True:
            try:
                return super()._get(queue)  # type: ignore[no-untyped-call]
            except ValueError:
                # The disk was full, or the power failed. The sweep does what the message asked.
                logger.error("An unreadable message was dropped from the queue %s.", queue)

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        file = self._exchange_file(exchange)  # type: ignore[no-untyped-call]
        if not file.exists():
            draft = _draft(file.parent, [])
            try:
                os.link(draft, file)
            except FileExistsError:
                pass  # another process was first; its table is completed below
            finally:
                draft.unlink()
        super()._queue_bind(exchange, routing_key, pattern, queue)  # type: ignore[no-untyped-call]


class Transport(filesystem.Transport):
    """What `filesystem://` means in this project; see `config.celery`."""

    Channel = Channel


def _draft(folder: Path, content: Any) -> Path:
    """Write the content under a name that nobody reads."""
    draft = folder / f".{uuid4()}.draft"
    draft.write_text(dumps(content), encoding="utf-8")
    return draft
