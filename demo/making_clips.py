"""Makes the five demo clips and their captions: `make clips`, for maintainers only.

Each clip is 640×360, eight seconds long, H.264 with a soft chime in AAC, three slides that say
what the lesson teaches. The files in `demo/clips/` are committed: whoever runs the demo needs
neither this module nor its font.
"""

import math
import subprocess
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from PIL import Image, ImageDraw, ImageFont

CLIPS = Path(__file__).parent / "clips"
WIDTH, HEIGHT, MARGIN = 640, 360, 32
FRAMES_PER_SECOND, SAMPLES_PER_SECOND = 12, 44_100
SECONDS = 8.0
CAPTION_GAP = 0.1  # seconds without a caption before the next one, so that a change is noticed

WHITE, INK, DEEP_BLUE, PALE_BLUE = "#ffffff", "#1a1a1a", "#0b3d91", "#d6e0f2"


@dataclass(frozen=True)
class Slide:
    """One of a clip's three pictures: what is written on it, and what the caption says."""

    heading: str
    text: str
    caption: str


@dataclass(frozen=True)
class Clip:
    """A lesson's clip; `code` is the lesson's code and the files' name."""

    code: str
    title: str
    slides: tuple[Slide, Slide, Slide]


ALL_CLIPS = (
    Clip(
        "A1",
        "Vì sao cơ quan hành chính áp dụng TCVN ISO 9001; từ bản 2008 sang bản 2015",
        (
            Slide(
                "Căn cứ",
                "Quyết định 19/2014/QĐ-TTg giao cơ quan hành chính áp dụng TCVN ISO 9001.",
                "Quyết định 19/2014/QĐ-TTg giao cơ quan hành chính áp dụng TCVN ISO 9001.",
            ),
            Slide(
                "Bảy nguyên tắc",
                "Đứng đầu là hướng vào khách hàng: người dân và tổ chức đến làm thủ tục.",
                "Bảy nguyên tắc quản lý chất lượng, đứng đầu là hướng vào khách hàng.",
            ),
            Slide(
                "Bốn thay đổi của bản 2015",
                "Bối cảnh cơ quan, vai trò lãnh đạo, tư duy rủi ro, thông tin dạng văn bản.",
                "Bản 2015 có bốn thay đổi: bối cảnh, lãnh đạo, rủi ro, thông tin dạng văn bản.",
            ),
        ),
    ),
    Clip(
        "A2",
        "Lãnh đạo, rủi ro và mục tiêu chất lượng đo lường được",
        (
            Slide(
                "Lãnh đạo",
                "Người đứng đầu chịu trách nhiệm về hiệu lực; việc này không giao hết cho thư ký.",
                "Người đứng đầu cơ quan chịu trách nhiệm để hệ thống có hiệu lực.",
            ),
            Slide(
                "Rủi ro",
                "Với mỗi thủ tục: điều gì có thể làm trễ hạn, ai làm gì để tránh?",
                "Với mỗi thủ tục, hãy hỏi điều gì có thể làm trễ hạn và ai phòng tránh.",
            ),
            Slide(
                "Mục tiêu đo lường được",
                "Có con số, thời hạn, người phụ trách: 98\u00a0% hồ sơ đúng hạn trong quý III.",
                "Mục tiêu đo lường được có con số, thời hạn và người phụ trách.",
            ),
        ),
    ),
    Clip(
        "A3",
        "Kiểm soát thông tin dạng văn bản và quá trình giải quyết thủ tục hành chính",
        (
            Slide(
                "Danh mục văn bản",
                "Ghi cả văn bản nội bộ và bên ngoài; nơi làm việc chỉ dùng bản còn hiệu lực.",
                "Lập danh mục văn bản nội bộ và bên ngoài, chỉ dùng bản còn hiệu lực.",
            ),
            Slide(
                "Khi nhận hồ sơ",
                "Kiểm tra thành phần, rồi cấp Giấy tiếp nhận hồ sơ và hẹn trả kết quả.",
                "Kiểm tra hồ sơ, rồi cấp Giấy tiếp nhận hồ sơ và hẹn trả kết quả.",
            ),
            Slide(
                "Khi giải quyết",
                "Phiếu kiểm soát đi theo hồ sơ: ai nhận, ai làm, lúc nào, trễ vì sao.",
                "Phiếu kiểm soát quá trình giải quyết đi theo hồ sơ qua từng bộ phận.",
            ),
        ),
    ),
    Clip(
        "B1",
        "Nguyên tắc, chương trình và chuẩn bị đánh giá nội bộ",
        (
            Slide(
                "Chương trình và kế hoạch",
                "Chương trình cho cả một thời kỳ; kế hoạch cho từng cuộc đánh giá.",
                "Chương trình đánh giá cho cả một thời kỳ, kế hoạch cho từng cuộc.",
            ),
            Slide(
                "Độc lập",
                "Không ai đánh giá công việc của chính mình.",
                "Chọn đánh giá viên độc lập với công việc được đánh giá.",
            ),
            Slide(
                "Danh mục câu hỏi",
                "Soạn từ quy trình, rủi ro và kết quả của lần đánh giá trước.",
                "Soạn danh mục câu hỏi từ quy trình, rủi ro và kết quả lần trước.",
            ),
        ),
    ),
    Clip(
        "B2",
        "Tiến hành, viết điểm không phù hợp, báo cáo và theo dõi",
        (
            Slide(
                "Thu thập bằng chứng",
                "Lấy mẫu, phỏng vấn, quan sát; ghi lại điều kiểm tra lại được.",
                "Lấy mẫu, phỏng vấn, quan sát và ghi lại bằng chứng kiểm tra lại được.",
            ),
            Slide(
                "Điểm không phù hợp",
                "Viết đủ ba phần: chuẩn mực, bằng chứng, tuyên bố.",
                "Điểm không phù hợp viết đủ chuẩn mực, bằng chứng và tuyên bố.",
            ),
            Slide(
                "Sau đánh giá",
                "Đưa kết quả vào xem xét của lãnh đạo; kiểm tra hiệu lực khắc phục.",
                "Đưa kết quả vào xem xét của lãnh đạo và kiểm tra hiệu lực khắc phục.",
            ),
        ),
    ),
)


def main() -> None:
    """Writes `CODE.mp4` and `CODE.vtt` for every clip into `demo/clips/`."""
    CLIPS.mkdir(exist_ok=True)
    for clip in ALL_CLIPS:
        film = CLIPS / f"{clip.code}.mp4"
        write_film(clip, film)
        (CLIPS / f"{clip.code}.vtt").write_text(captions(clip), encoding="utf-8")
        print(f"{film.name}: {film.stat().st_size / 1000:.0f} KB")


def captions(clip: Clip) -> str:
    """The clip's captions as WebVTT, one cue for each slide."""
    length = SECONDS / len(clip.slides)
    cues = [
        f"{number}\n{_timestamp(length * (number - 1))} --> "
        f"{_timestamp(length * number - CAPTION_GAP)}\n{slide.caption}\n"
        for number, slide in enumerate(clip.slides, start=1)
    ]
    return "\n".join(["WEBVTT\n", *cues])


def write_film(clip: Clip, path: Path) -> None:
    """Encodes the clip; its index stands first, so that it plays while it is still loading."""
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        container.metadata["title"] = f"{clip.code}. {clip.title}"
        picture = container.add_stream("libx264", rate=FRAMES_PER_SECOND)
        picture.width, picture.height, picture.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        # A key frame at each slide: a seek has little to decode.
        # One thread, so that the same slides always give the same bytes.
        picture.options = {"crf": "27", "preset": "veryslow", "tune": "animation", "threads": "1"}
        picture.codec_context.gop_size = int(SECONDS * FRAMES_PER_SECOND / len(clip.slides))
        sound = container.add_stream("aac", rate=SAMPLES_PER_SECOND, layout="mono")
        sound.bit_rate = 24_000
        for image in _pictures(clip):
            container.mux(picture.encode(image))
        container.mux(picture.encode(None))
        for chime in _chimes(len(clip.slides)):
            container.mux(sound.encode(chime))
        container.mux(sound.encode(None))


def draw(clip: Clip, slide: Slide, *, seconds: float) -> Image.Image:
    """The picture at a moment of the clip. The lowest fifth is left free for the captions."""
    image = Image.new("RGB", (WIDTH, HEIGHT), WHITE)
    pen = ImageDraw.Draw(image)
    y = _write(pen, f"{clip.code}. {clip.title}", y=20, size=27, bold=True, colour=DEEP_BLUE)
    pen.rectangle((MARGIN, y + 9, WIDTH - MARGIN, y + 11), fill=DEEP_BLUE)
    heading = f"{clip.slides.index(slide) + 1}. {slide.heading}"
    y = _write(pen, heading, y=y + 32, size=34, bold=True, colour=INK)
    _write(pen, slide.text, y=y + 8, size=30, bold=False, colour=INK)
    pen.rectangle((0, HEIGHT - 6, WIDTH, HEIGHT), fill=PALE_BLUE)
    pen.rectangle((0, HEIGHT - 6, WIDTH * seconds / SECONDS, HEIGHT), fill=DEEP_BLUE)
    return image


def _pictures(clip: Clip) -> Iterator[VideoFrame]:
    for number in range(int(SECONDS * FRAMES_PER_SECOND)):
        seconds = number / FRAMES_PER_SECOND
        slide = clip.slides[int(seconds * len(clip.slides) / SECONDS)]
        yield VideoFrame.from_image(draw(clip, slide, seconds=seconds))


def _chimes(count: int) -> Iterator[AudioFrame]:
    """A soft fifth that dies away at the start of each slide, as 16-bit mono."""
    total = int(SECONDS * SAMPLES_PER_SECOND)
    size = 1024
    for start in range(0, total, size):
        samples = array("h")
        for number in range(start, min(start + size, total)):
            t = (number / SAMPLES_PER_SECOND) % (SECONDS / count)
            wave = math.sin(math.tau * 440 * t) + 0.6 * math.sin(math.tau * 660 * t)
            samples.append(int(2200 * wave * math.exp(-5 * t) * min(1, t * 200)))
        frame = AudioFrame(format="s16", layout="mono", samples=len(samples))
        frame.sample_rate = SAMPLES_PER_SECOND
        frame.planes[0].update(samples.tobytes())
        yield frame


def _write(
    pen: ImageDraw.ImageDraw, text: str, *, y: float, size: int, bold: bool, colour: str
) -> float:
    """Writes wrapped lines from `y` down and returns where the next thing may begin."""
    font = ImageFont.truetype(_font_path(bold=bold), size)
    line = ""
    for word in [*text.split(" "), ""]:
        longer = f"{line} {word}".strip()
        if word and pen.textlength(longer, font=font) <= WIDTH - 2 * MARGIN:
            line = longer
            continue
        pen.text((MARGIN, y), line, font=font, fill=colour)
        y += size * 1.3
        line = word
    return y


def _font_path(*, bold: bool) -> str:
    """Liberation Sans 2 as fontconfig finds it (Debian: fonts-liberation2)."""
    style = "bold" if bold else "regular"
    pattern = f"Liberation Sans:{style}:lang=vi"
    command = ["fc-match", "--format=%{file}", pattern]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _timestamp(seconds: float) -> str:
    return f"00:00:{seconds:06.3f}"


if __name__ == "__main__":
    main()
