"""Pictures of pages are for everybody; what lies beside them is not."""

import io
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.test import Client
from PIL import Image as Picture
from wagtail.documents.models import Document
from wagtail.images.models import Image

pytestmark = pytest.mark.django_db


@pytest.fixture
def image() -> Image:
    written = io.BytesIO()
    Picture.new("RGB", (60, 40), "green").save(written, "PNG")
    return Image.objects.create(title="Ảnh", file=ContentFile(written.getvalue(), "ảnh.png"))


def test_a_rendition_is_shown_to_everybody_and_kept_for_an_hour(client: Client, image: Any) -> None:
    rendition = image.get_rendition("width-30")
    answer: Any = client.get(rendition.url)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert Picture.open(io.BytesIO(answer.getvalue())).width == 30
    since = {"If-Modified-Since": answer.headers["Last-Modified"]}
    assert client.get(rendition.url, headers=since).status_code == 304


def test_nothing_else_can_be_had_there(client: Client, image: Any) -> None:
    document = Document.objects.create(title="Quy trình", file=ContentFile(b"%PDF", "a.pdf"))
    for file in (image.file, document.file):
        for address in (f"/media/{file.name}", f"/media/images/../{file.name}"):
            assert client.get(address).status_code == 404, address
    for name in ("none.png", "..", ".", "%00", "../../private"):
        assert client.get(f"/media/images/{name}").status_code == 404, name
