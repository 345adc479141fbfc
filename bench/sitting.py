"""What a browser does in a sitting: reads the exam page, sends answers, posts the form."""

import html
import json
import re
import time
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from bench.lines import Answer

_FORM = re.compile(r'<form id="exam".*?>', re.DOTALL)
_DATA = re.compile(r'(data-save-url|data-submit-api|data-result-url)="([^"]*)"')
_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]*)"')
_QUESTION = re.compile(r'data-slot="(\d+)".*?</span>(.*?)</legend>', re.DOTALL)

# What a browser says with every request.
BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "vi,en;q=0.5",
    "Accept-Encoding": "gzip, deflate",
}
REQUESTS = ("start", "page", "save", "submit", "review")
FORM = "application/x-www-form-urlencoded"
JSON = "application/json"
# The right response by the question's text, as the page shows it.
Key = Mapping[str, Any]


class NotAnExam(ValueError):
    """The page is no exam page, or asks what the key does not know."""


@dataclass(frozen=True)
class Request:
    """What is asked next, and the status of a good answer; ``kind`` is that of the body."""

    name: str
    method: str
    path: str
    expect: int
    body: bytes = b""
    kind: str = ""


Steps = Generator[Request, Answer, None]


@dataclass
class Sitting:
    """One person's test: who sits, and, once the page was read, where to send what.

    ``responses`` by slot; ``seq`` is the device's last number, by its clock in milliseconds.
    """

    session: str
    csrf: str
    start: str
    page: str = ""
    save: str = ""
    submit: str = ""
    result: str = ""
    token: str = ""
    responses: dict[int, Any] = field(default_factory=dict)
    seq: int = 0

    def read(self, page: str, key: Key) -> None:
        """Take the addresses, the token and the right answers from the page; raises NotAnExam."""
        form, token = _FORM.search(page), _TOKEN.search(page)
        if form is None or token is None:
            raise NotAnExam(page[:400])
        data = {name: html.unescape(value) for name, value in _DATA.findall(form.group())}
        self.save, self.submit = data["data-save-url"], data["data-submit-api"]
        self.result = data["data-result-url"]
        self.token = token.group(1)
        try:
            self.responses = {
                int(slot): key[text.strip()] for slot, text in _QUESTION.findall(page)
            }
        except KeyError as unknown:
            raise NotAnExam(f"No answer is known to {unknown}") from unknown

    def batch(self, *slots: int) -> bytes:
        """The answers of these slots, or of all, as the page sends them, with new numbers."""
        changes = []
        for slot in slots or self.responses:
            self.seq = max(self.seq + 1, int(time.time() * 1000))
            changes.append({"slot": slot, "seq": self.seq, "response": self.responses[slot]})
        return json.dumps({"answers": changes}).encode()

    def headers(self, request: Request, *, origin: str) -> dict[str, str]:
        """What this person's browser says with a request."""
        headers = BROWSER | {"Cookie": f"sessionid={self.session}; csrftoken={self.csrf}"}
        if request.method != "GET":
            headers["Origin"] = origin
        if request.kind:
            headers["Content-Type"] = request.kind
        if request.kind == JSON:
            headers |= {"Accept": JSON, "X-CSRFToken": self.csrf}
        return headers

    # --- What is done; each takes the answers by ``send`` ------------------------------------

    def exam(self, key: Key) -> Steps:
        """The five requests of an exam with all answers right."""
        yield from self.open(key)
        yield self.saving("save")
        yield Request("submit", "POST", self.submit, 200, kind=JSON)
        yield Request("review", "GET", self.result, 200)

    def open(self, key: Key) -> Steps:
        """Start, and look at the paper."""
        form = urlencode({"csrfmiddlewaretoken": self.csrf}).encode()
        started = yield Request("start", "POST", self.start, 302, form, FORM)
        self.page = started.headers["location"]
        page = yield Request("page", "GET", self.page, 200)
        self.read(page.text(), key)

    def save_one(self, key: Key) -> Steps:
        """Every answer in a request of its own."""
        for slot in self.responses:
            yield self.saving("save_one", slot)

    def save_all(self, key: Key) -> Steps:
        """All answers in one request, ten times."""
        for _time in range(10):
            yield self.saving("save_all")

    def replay(self, _key: Key) -> Steps:
        """The five requests as the bare programme knows them."""
        for name in REQUESTS:
            yield Request(name, "GET", f"{self.start}/{name}", 200)

    def saving(self, name: str, *slots: int) -> Request:
        return Request(name, "PUT", self.save, 200, self.batch(*slots), JSON)
