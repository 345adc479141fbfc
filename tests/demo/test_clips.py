"""The clips that are committed are those that `make clips` makes, and browsers can play them."""

import re
from pathlib import Path

import av
import pytest

from demo import making_clips
from demo.making_clips import ALL_CLIPS, CLIPS, Clip

COURSES = Path(making_clips.__file__).parent / "data" / "courses.md"

each_clip = pytest.mark.parametrize("clip", ALL_CLIPS, ids=lambda clip: clip.code)


def test_every_lesson_of_the_two_courses_has_a_clip_with_its_title() -> None:
    lessons = re.findall(r"^\| ([AB]\d) \| (.+?) \|", COURSES.read_text(encoding="utf-8"), re.M)
    assert [(clip.code, clip.title) for clip in ALL_CLIPS] == lessons


@each_clip
def test_a_clip_is_small_and_plays_in_every_browser(clip: Clip) -> None:
    path = CLIPS / f"{clip.code}.mp4"
    content = path.read_bytes()
    assert len(content) <= 120_000
    assert content.find(b"moov") < content.find(b"mdat"), "it would play only when it is all there"
    with av.open(str(path)) as film:
        (picture,), (sound,) = film.streams.video, film.streams.audio
        assert (picture.codec_context.name, picture.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (picture.width, picture.height) == (640, 360)
        assert sound.codec_context.name == "aac"
        assert film.duration is not None
        assert film.duration / av.time_base == pytest.approx(making_clips.SECONDS, abs=0.1)
        assert film.metadata["title"] == f"{clip.code}. {clip.title}"
        keys = [float(frame.time or 0) for frame in film.decode(video=0) if frame.key_frame]
    assert keys == pytest.approx([0, 8 / 3, 16 / 3], abs=0.01)


@each_clip
def test_the_captions_of_a_clip_are_those_of_its_slides(clip: Clip) -> None:
    written = (CLIPS / f"{clip.code}.vtt").read_text(encoding="utf-8")
    assert written == making_clips.captions(clip)
    assert written.count("-->") == len(clip.slides)
