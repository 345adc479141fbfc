"""Pictures of certificates: the paper for its holder, and a card for whom the address is sent to.

Both are drawn once and kept in the private storage; what is lost there is drawn again.
"""

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import storages
from PIL import Image

from certificates.issue import filing
from certificates.look_up.looking_up import Found
from certificates.models import RegisterEntry
from certificates.paper import designing, wording
from certificates.paper.rendering import Document
from jobs import paper

_TEMPLATES = Path(__file__).with_name("typst")
_PAPER_DOTS_PER_INCH = 110


def picture(entry: RegisterEntry) -> bytes:
    """The paper of a numbered entry as JPEG, 1286 × 909 points. Raises RenderingError."""
    return _once(f"paper/{entry.hash}", lambda: _jpeg(_paper(entry)))


def card(found: Found) -> bytes:
    """What the look-up may tell of a certificate, as JPEG of 1200 × 630 points: holder, course,
    number, date and issuer, in the language of the paper. Raises RenderingError."""
    number = wording.NUMBERS[found.language].format(number=found.number)
    day = wording.day(found.issued_on.isoformat(), found.language == "en")
    said = {
        "language": found.language,
        "title": wording.TITLES[found.language],
        "name": found.full_name,
        "course": found.course_title,
        "number_and_day": f"{number} · {day}",
        "issuer": found.issuing_body,
    }
    drawn = json.dumps(said, ensure_ascii=False, sort_keys=True)
    name = hashlib.sha256(drawn.encode()).hexdigest()
    return _once(f"card/{name}", lambda: _jpeg(_card(drawn)))


def _paper(entry: RegisterEntry) -> bytes:
    document = Document(
        content=entry.content,
        qr_address=filing.qr_address(entry),
        design=designing.design_of(entry.content),
    )
    return document.png(dots_per_inch=_PAPER_DOTS_PER_INCH)


def _card(said: str) -> bytes:
    document = (
        '#import "card.typ": card\n'
        f"#card({paper.quote(said)}, font: {paper.quote(paper.find_typeface().family)})"
    )
    return paper.draw_picture(folder=_TEMPLATES, document=document, dots_per_inch=72)


def _jpeg(png: bytes) -> bytes:
    written = io.BytesIO()
    Image.open(io.BytesIO(png)).convert("RGB").save(written, "JPEG", quality=80, optimize=True)
    return written.getvalue()


def _once(name: str, draw: Callable[[], bytes]) -> bytes:
    storage, path = storages["private"], f"certificates/pictures/{name}.jpg"
    if storage.exists(path):
        with storage.open(path, "rb") as kept:
            content: bytes = kept.read()
        return content
    content = draw()
    saved = storage.save(path, ContentFile(content))
    if saved != path:  # somebody was quicker
        storage.delete(saved)
    return content
