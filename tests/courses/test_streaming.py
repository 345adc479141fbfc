from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client, RequestFactory
from django.urls import reverse

from courses.models import Clip, Enrolment, LessonPage
from courses.streaming import stream
from tests import factories

# The end of a response closes old connections, which wants the database.
pytestmark = pytest.mark.django_db

BYTES = bytes(range(256)) * 600  # more than one chunk
SIZE = len(BYTES)


@pytest.fixture(scope="module")
def name() -> str:
    return storages["private"].save("clips/streamed.mp4", ContentFile(BYTES))


def get(name: str, header: str | None = None, method: str = "GET") -> Any:
    headers = {"Range": header} if header is not None else {}
    return stream(
        request=RequestFactory().generic(method, "/", headers=headers),
        storage=storages["private"],
        name=name,
        content_type="video/mp4",
    )


def body(response: Any) -> bytes:
    content = b"".join(response.streaming_content)
    response.close()
    return content


@pytest.mark.parametrize(
    ("header", "first", "last"),
    [
        ("bytes=0-0", 0, 0),
        ("bytes=0-99", 0, 99),
        ("bytes=70000-140000", 70_000, 140_000),
        ("bytes=100-", 100, SIZE - 1),
        ("bytes=0-", 0, SIZE - 1),
        (f"bytes={SIZE - 1}-", SIZE - 1, SIZE - 1),
        (f"bytes=10-{SIZE * 9}", 10, SIZE - 1),
        ("bytes=-1", SIZE - 1, SIZE - 1),
        ("bytes=-500", SIZE - 500, SIZE - 1),
        (f"bytes=-{SIZE * 9}", 0, SIZE - 1),
        (" bytes=5-9 ", 5, 9),
    ],
)
def test_one_range_is_answered_with_exactly_these_bytes(
    name: str, header: str, first: int, last: int
) -> None:
    response = get(name, header)
    assert response.status_code == 206
    assert response.headers["Content-Range"] == f"bytes {first}-{last}/{SIZE}"
    assert response.headers["Content-Length"] == str(last - first + 1)
    assert response.headers["Content-Type"] == "video/mp4"
    assert body(response) == BYTES[first : last + 1]


@pytest.mark.parametrize(
    "header",
    [
        f"bytes={SIZE}-",
        f"bytes={SIZE + 5}-{SIZE + 9}",
        "bytes=-0",
        "bytes=9-5",
        "bytes=999999999999-",
    ],
)
def test_a_range_outside_the_file_is_416_with_the_files_size(name: str, header: str) -> None:
    response = get(name, header)
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{SIZE}"
    assert response.content == b""


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes=-",
        "bytes",
        "lines=1-2",
        "bytes=a-b",
        "bytes=0-1,5-9",
        "bytes=--5",
        "bytes=1-2-3",
        "bytes=" + "9" * 5000 + "-",
    ],
)
def test_what_is_no_single_range_is_answered_with_the_whole_file(
    name: str, header: str | None
) -> None:
    response = get(name, header)
    assert response.status_code == 200
    assert response.headers["Accept-Ranges"] == "bytes"
    assert response.headers["Content-Length"] == str(SIZE)
    assert body(response) == BYTES


def test_an_empty_file_has_no_range() -> None:
    empty = storages["private"].save("clips/empty.mp4", ContentFile(b""))
    assert get(empty, "bytes=0-").status_code == 416
    assert get(empty, "bytes=-5").status_code == 416
    assert get(empty).status_code == 200


def test_videos_are_kept_by_the_learners_browser_only(name: str) -> None:
    assert get(name).headers["Cache-Control"].startswith("private")
    assert get(name, "bytes=0-1").headers["Cache-Control"].startswith("private")


# --- The clip of a lesson -------------------------------------------------------------------------


@pytest.fixture
def clip(name: str) -> Clip:
    return Clip.objects.create(title="Bài 1", type="video", file=name, duration=10)


@pytest.fixture
def enrolment(clip: Clip) -> Enrolment:
    course = factories.CourseFactory()
    page = factories.lessons_of(course)[0]
    LessonPage.objects.filter(pk=page.pk).update(clip=clip, captions="WEBVTT\n")
    enrolment: Enrolment = factories.EnrolmentFactory(run=factories.RunFactory(course=course))
    return enrolment


def test_a_learner_of_the_run_watches_its_clip_with_ranges(
    client: Client, clip: Clip, enrolment: Enrolment
) -> None:
    client.force_login(factories.UserFactory(person=enrolment.person))
    response: Any = client.get(
        reverse("courses:clip", args=[clip.pk]), headers={"Range": "bytes=5-9"}
    )
    assert (response.status_code, response.getvalue()) == (206, BYTES[5:10])


def test_a_clip_and_its_captions_are_not_there_for_others(
    client: Client, clip: Clip, enrolment: Enrolment
) -> None:
    page = factories.lessons_of(enrolment.run.course)[0]
    addresses = [
        reverse("courses:clip", args=[clip.pk]),
        reverse("courses:captions", args=[page.pk]),
    ]
    client.force_login(factories.UserFactory())
    assert [client.get(address).status_code for address in addresses] == [404, 404]
    client.logout()
    assert [client.get(address).status_code for address in addresses] == [302, 302]


def test_a_clip_whose_file_is_lost_is_not_there(
    client: Client, clip: Clip, enrolment: Enrolment
) -> None:
    Clip.objects.filter(pk=clip.pk).update(file="clips/lost.mp4")
    client.force_login(factories.UserFactory(person=enrolment.person))
    assert client.get(reverse("courses:clip", args=[clip.pk])).status_code == 404


def test_captions_come_as_webvtt(client: Client, enrolment: Enrolment) -> None:
    client.force_login(factories.UserFactory(person=enrolment.person))
    page = factories.lessons_of(enrolment.run.course)[0]
    response = client.get(reverse("courses:captions", args=[page.pk]))
    assert response.headers["Content-Type"] == "text/vtt; charset=utf-8"
    assert response.content.startswith(b"WEBVTT")
