"""Pictures are brought into one harmless form."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageCms

from certificates.paper import artwork
from certificates.paper.artwork import ArtworkRefused

pytestmark = pytest.mark.usefixtures("in_english")


def file_of(picture: Image.Image, form: str = "JPEG", **options: Any) -> bytes:
    written = io.BytesIO()
    picture.save(written, form, **options)
    return written.getvalue()


def kept(sha256: str) -> Image.Image:
    return Image.open(artwork.find(sha256))


def test_a_background_has_the_sheets_proportions_and_at_most_200_dots_per_inch() -> None:
    large = kept(artwork.keep_background(file_of(Image.new("RGB", (4000, 4000), "green"))))
    assert (large.format, large.mode, large.size) == ("JPEG", "RGB", (2339, 1654))
    small = kept(artwork.keep_background(file_of(Image.new("RGB", (600, 800), "green"))))
    assert small.size == (600, 424)


def test_nothing_of_the_file_itself_survives() -> None:
    exif = Image.Exif()
    exif[0x010E] = "Trần Văn Hòa"
    exif[0x0112] = 6  # lies on its side
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    side = file_of(Image.new("RGB", (300, 420), "red"), exif=exif, icc_profile=profile)
    sha256 = artwork.keep_background(side + b"<script>alert(1)</script>")
    content = artwork.find(sha256).read_bytes()
    assert b"script" not in content
    found = Image.open(io.BytesIO(content))
    assert not found.getexif()
    assert "icc_profile" not in found.info
    assert found.size == (420, 297)


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1", "RGBA", "LA"])
def test_any_mode_becomes_opaque_rgb(mode: str) -> None:
    form = "TIFF" if mode == "CMYK" else "PNG"
    picture = Image.new("RGBA", (594, 420), (0, 0, 0, 0)).convert(mode)
    content = file_of(picture, "JPEG" if form == "TIFF" else form)
    assert kept(artwork.keep_background(content)).mode == "RGB"


def test_what_is_transparent_becomes_white_in_a_background_and_stays_so_in_a_seal() -> None:
    clear = file_of(Image.new("RGBA", (594, 420), (0, 0, 0, 0)), "PNG")
    assert kept(artwork.keep_background(clear)).getpixel((9, 9)) == (255, 255, 255)
    seal = kept(artwork.keep_picture(clear))
    assert (seal.format, seal.mode, seal.getpixel((9, 9))) == ("PNG", "RGBA", (0, 0, 0, 0))


def test_the_same_picture_is_kept_once() -> None:
    content = file_of(Image.new("RGB", (594, 420), "blue"))
    assert artwork.keep_background(content) == artwork.keep_background(content)


def bomb() -> bytes:
    """A PNG of 50.000 × 50.000 points in a few bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 9))


WHOLE = file_of(Image.new("RGB", (594, 420), "blue"), "PNG")


@pytest.mark.parametrize("keep", [artwork.keep_background, artwork.keep_picture])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        b"%PDF-1.7",
        b'<svg xmlns="http://www.w3.org/2000/svg"/>',
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n",
        WHOLE[:80],
        WHOLE[:40] + b"\0" * 400,
        bomb(),
    ],
    ids=["empty", "gif", "pdf", "svg", "eps", "cut", "broken", "bomb"],
)
def test_hostile_files_are_refused(keep: Any, content: bytes) -> None:
    with pytest.raises(ArtworkRefused):
        keep(content)
