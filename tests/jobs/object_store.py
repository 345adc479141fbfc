"""A store that speaks S3 on this machine: it can be stopped and come back, and tells what was
asked of it."""

import socket
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from django.apps import apps
from django.core.files.storage import storages
from django.db.models import FileField
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from config import file_storages
from jobs.whole_files import WholeFileStorage

BUCKET = "iso"


class Store:
    """``asked`` are the requests, ``given`` how many bytes were answered to reading ones.

    ``forgets`` is a header that it does not know, ``acl`` whom it gives what is put into it.
    """

    def __init__(self) -> None:
        self._moto: Any = DomainDispatcherApplication(create_backend_app)
        self._one_write_at_a_time = threading.Lock()
        self._server: BaseWSGIServer | None = None
        self.port = 0
        self.asked: list[str] = []
        self.given = 0
        self.forgets = self.acl = ""
        self.start()

    @property
    def url(self) -> str:
        return f"http://key:a%2Fsecret@127.0.0.1:{self.port}/{BUCKET}"

    def start(self) -> None:
        """Come (back), under the same address."""
        if self._server:
            return
        with _listening(self.port) as listening:
            self._server = make_server(
                "127.0.0.1",
                self.port,
                self._answer,
                threaded=True,
                request_handler=_Silent,
                fd=listening.fileno(),
            )
        self.port = self._server.port
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Whoever asks now finds nobody; what was kept is still there afterwards."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _answer(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        method = environ["REQUEST_METHOD"]
        self.asked.append(f"{method} {unquote(environ['PATH_INFO'])}")
        if method != "PUT":
            answer = list(self._moto(environ, start_response))
            self.given += sum(map(len, answer)) if method == "GET" else 0
            return answer
        environ.pop(self.forgets, None)
        if self.acl:
            environ["HTTP_X_AMZ_ACL"] = self.acl
        # The real one looks for the name and gives it in one step; this imitation in two.
        with self._one_write_at_a_time:
            return list(self._moto(environ, start_response))


def _listening(port: int) -> socket.socket:
    """A port that was given up a moment ago may want another moment."""
    until = time.monotonic() + 5
    while True:
        try:
            return socket.create_server(("127.0.0.1", port))
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


class _Silent(WSGIRequestHandler):
    def log_request(self, *_given: Any) -> None:
        pass


@contextmanager
def store() -> Iterator[Store]:
    """A store with an empty bucket."""
    s3_backends.reset()
    running = Store()
    buckets().create_bucket(BUCKET, "us-east-1")
    try:
        yield running
    finally:
        running.stop()
        s3_backends.reset()


def buckets() -> Any:
    """What the store keeps, behind its back."""
    return s3_backends["123456789012"]["aws"]


def use(running: Store, settings: Any, monkeypatch: Any) -> None:
    """Django told to keep its files there; fields of models have looked up theirs long ago."""
    given = file_storages.bucket(running.url, media_url=settings.MEDIA_URL)
    settings.STORAGES = settings.STORAGES | given
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            if isinstance(field, FileField):
                is_private = isinstance(field.storage, WholeFileStorage)
                chosen = storages["private" if is_private else "default"]
                monkeypatch.setattr(field, "storage", chosen)
