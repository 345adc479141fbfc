"""A visitor without a browser: keeps cookies, follows redirects, sends plain forms and JSON."""

import json
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping
from http.client import HTTPMessage
from http.cookiejar import CookieJar
from typing import Any, NamedTuple
from urllib.parse import urlencode, urljoin

from demo.playing import Login

SECONDS = 30


class Answer(NamedTuple):
    """What came back; ``address`` is where the redirects ended."""

    status: int
    address: str
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Upload(NamedTuple):
    """A file in a form."""

    name: str
    content: bytes


class Visitor:
    """Somebody at ``address``, anonymous until ``log_in``."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._jar = CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self._jar)
        )

    def get(self, path: str) -> Answer:
        return self._ask("GET", path)

    def post(self, path: str, fields: Mapping[str, object] | None = None) -> Answer:
        """Post a plain form; a list is a field given several times."""
        body = urlencode(fields or {}, doseq=True).encode()
        return self._ask("POST", path, body, "application/x-www-form-urlencoded")

    def upload(self, path: str, fields: Mapping[str, str], files: Mapping[str, Upload]) -> Answer:
        """Post a form with files."""
        mark = uuid.uuid4().hex
        head = f'--{mark}\r\nContent-Disposition: form-data; name="%s"'
        parts = [f"{head % name}\r\n\r\n{value}\r\n".encode() for name, value in fields.items()]
        for name, file in files.items():
            kind = "Content-Type: application/octet-stream"
            parts.append(f'{head % name}; filename="{file.name}"\r\n{kind}\r\n\r\n'.encode())
            parts.append(file.content + b"\r\n")
        body = b"".join([*parts, f"--{mark}--\r\n".encode()])
        return self._ask("POST", path, body, f"multipart/form-data; boundary={mark}")

    def send(self, method: str, path: str, content: Any = None) -> Answer:
        """Send JSON to the API."""
        return self._ask(method, path, json.dumps(content).encode(), "application/json")

    def log_in(self, login: Login) -> Answer:
        """Log in by the form that people use."""
        self.get("/accounts/login/")
        fields = {"login": login.username, "password": login.password}
        answer = self.post("/accounts/login/", fields)
        assert any(cookie.name == "sessionid" for cookie in self._jar), answer.text
        return answer

    def _ask(
        self, method: str, path: str, body: bytes | None = None, kind: str | None = None
    ) -> Answer:
        address = urljoin(self.address, path)
        assert address.startswith(self.address)
        request = urllib.request.Request(address, body, method=method)  # noqa: S310  (asserted)
        if kind:
            request.add_header("Content-Type", kind)
        for cookie in self._jar:
            if cookie.name == "csrftoken" and cookie.value:
                request.add_header("X-CSRFToken", cookie.value)
        try:
            response = self._opener.open(request, timeout=SECONDS)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            return Answer(response.status, response.url, response.headers, response.read())
