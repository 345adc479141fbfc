"""A small server that speaks our scripts' protocol and keeps what it was sent."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PAGES = Path(__file__).parent / "pages"
TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".mp4": "video/mp4"}
POLICY = (
    "default-src 'self'; script-src 'self' https://www.youtube.com; "
    "frame-src https://www.youtube-nocookie.com"
)


@dataclass
class Server:
    """What the pages show, what was received, and how the server answers (``status``)."""

    url: str = ""
    status: int = 200
    ends_at: datetime | None = None
    page: dict[str, str] = field(default_factory=dict)
    saves: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[int, tuple[int, Any]] = field(default_factory=dict)
    refused: set[int] = field(default_factory=set)
    # The time is over: what comes is kept as evidence.
    late: bool = False
    kept_late: dict[int, Any] = field(default_factory=dict)
    # Seconds for which the next save is left without an answer.
    hang_once: float = 0
    submitted: list[str] = field(default_factory=list)
    watched: list[dict[str, Any]] = field(default_factory=list)
    checked_in: list[dict[str, Any]] = field(default_factory=list)
    # Forms with a file, as they were sent.
    compared: list[bytes] = field(default_factory=list)

    @property
    def spans(self) -> list[list[float]]:
        return [span for report in self.watched for span in report["spans"]]

    def now(self) -> datetime:
        return datetime.now(timezone(timedelta(hours=7)))

    def milliseconds(self) -> int:
        return int(self.now().timestamp() * 1000)

    def end_in(self, seconds: float) -> None:
        self.ends_at = self.now() + timedelta(seconds=seconds)

    @property
    def deadline(self) -> str:
        return self.ends_at.isoformat() if self.ends_at else ""

    def save(self, content: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if self.hang_once:
            seconds, self.hang_once = self.hang_once, 0
            time.sleep(seconds)
        self.saves.append(content)
        if self.refused & {answer["slot"] for answer in content["answers"]}:
            return 400, {"code": "unknown_slot"}
        saved = []
        if self.late:
            self.kept_late |= {one["slot"]: one["response"] for one in content["answers"]}
        for answer in [] if self.late else content["answers"]:
            held = self.answers.get(answer["slot"], (0, None))
            if answer["seq"] > held[0]:
                held = self.answers[answer["slot"]] = (answer["seq"], answer["response"])
            moment = "2026-11-20T10:32:05+07:00"
            saved.append({"slot": answer["slot"], "seq": held[0], "saved_at": moment})
        return 200, {
            "server_time": self.now().isoformat(),
            "deadline": self.deadline or None,
            "saved": saved,
            "late": [one["slot"] for one in content["answers"]] if self.late else [],
        }

    @property
    def events(self) -> list[str]:
        """What the device said of itself, each once."""
        said = {
            (one["at"], one["kind"]) for content in self.saves for one in content.get("events", [])
        }
        return [kind for _at, kind in sorted(said)]

    def paper(self) -> dict[str, Any]:
        """The answers as the API's paper has them."""
        moment = "2026-11-20T10:33:00+07:00"
        return {
            "slots": [
                {"slot": slot, "seq": seq, "response": response, "saved_at": moment}
                for slot, (seq, response) in self.answers.items()
            ]
        }

    def submit(self, content: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.submitted.append("by script")
        return 200, {"url": "/result"}

    def watch(self, content: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.watched.append(content)
        seconds = {tenth for a, b in self.spans for tenth in range(round(a * 10), round(b * 10))}
        percent = round(100 * len(seconds) / 80)
        return 200, {
            "percent": percent,
            "needed": 90,
            "complete": percent >= 90,
            "covered": self.spans,
            "seconds": 8.0,
            "next": "/lesson-2",
        }

    def check_in(self, content: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        self.checked_in.append(content)
        if content["code"] != "123456":
            return 409, {"code": "not_taken", "detail": "Mã không đúng."}
        return 200, {"entered_at": self.now().isoformat(), "delayed": "taken_at" in content}


Verb = Callable[[dict[str, Any]], tuple[int, dict[str, Any]]]


def handler_for(server: Server) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *arguments: object) -> None:
            """Silence: the tests say what went wrong."""

        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            if path.startswith("/static/"):
                file = ROOT / path.lstrip("/")
                self.answer(200, file.read_bytes(), TYPES.get(file.suffix, "text/plain"))
            elif path == "/clip.mp4":
                self.answer_film((ROOT / "demo" / "clips" / "A1.mp4").read_bytes())
            elif path == "/paper":
                self.answer(200, json.dumps(server.paper()).encode(), "application/json")
            elif path in {"/exam", "/watch", "/check-in", "/result", "/drop"}:
                values = {
                    "server_time": server.now().isoformat(),
                    "deadline": server.deadline,
                    "seq_1": "0",
                    "covered": "[]",
                    **server.page,
                }
                text = (PAGES / f"{path}.html".lstrip("/")).read_text(encoding="utf-8")
                text = re.sub(r"{{(\w+)}}", lambda hit: values.get(hit[1], ""), text)
                self.answer(200, text.encode(), "text/html; charset=utf-8")
            else:
                self.answer(200, b"<h1>Elsewhere</h1>", "text/html; charset=utf-8")

        def do_PUT(self) -> None:
            self.answer_json(server.save)

        def do_POST(self) -> None:
            if self.path == "/submit":
                server.submitted.append(self.read().decode())
                self.answer(303, b"", "text/plain", {"Location": "/result"})
            elif self.path == "/compare":
                server.compared.append(self.read())
                self.answer(200, b"<h1>Compared</h1>", "text/html; charset=utf-8")
            elif self.path == "/api/submit":
                self.answer_json(server.submit)
            elif self.path == "/api/check-in":
                self.answer_json(server.check_in)
            else:
                self.answer_json(server.watch)

        def read(self) -> bytes:
            return self.rfile.read(int(self.headers["Content-Length"]))

        def answer_json(self, verb: Verb) -> None:
            content = json.loads(self.read() or b"null")
            status, body = server.status, {"code": "told"}
            if self.headers["X-CSRFToken"] != "token-of-the-cookie":
                status = 403
            elif status == 200:
                status, body = verb(content)
            self.answer(status, json.dumps(body).encode(), "application/json")

        def answer_film(self, film: bytes) -> None:
            asked = re.match(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
            start, end = 0, len(film) - 1
            if asked:
                start, end = int(asked[1]), int(asked[2] or end)
            extra = {"Accept-Ranges": "bytes"}
            if asked:
                extra["Content-Range"] = f"bytes {start}-{end}/{len(film)}"
            self.answer(206 if asked else 200, film[start : end + 1], "video/mp4", extra)

        def answer(
            self, status: int, body: bytes, kind: str, extra: dict[str, str] | None = None
        ) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Content-Security-Policy", POLICY)
            for name, value in (extra or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

    return Handler
