"""The service with its files in a bucket: all that is kept there and given from there."""

import io
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Picture
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Collection, CollectionViewRestriction

from certificates.holder import handing_out, holding
from certificates.issue import filing, issuing
from certificates.models import Certificate, RegisterEntry
from certificates.paper import artwork, designing, ready_made
from certificates.register import verifying
from courses.models import Clip, LessonPage
from jobs import private_files
from tests import factories
from tests.jobs import object_store
from tests.jobs.object_store import BUCKET, Store, buckets

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
State = Certificate.State
FILM = bytes(range(256)) * 4000


@pytest.fixture
def store(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    with object_store.store() as running:
        object_store.use(running, settings, monkeypatch)
        artwork.find.cache_clear()
        yield running


def lying() -> list[str]:
    return sorted(buckets().buckets[BUCKET].keys)


def logged_in(**about: Any) -> Client:
    client = Client()
    client.force_login(factories.UserFactory(**about))
    return client


def answered(client: Client, address: str, **headers: str) -> tuple[int, bytes]:
    answer: Any = client.get(address, headers=headers)
    return answer.status_code, answer.getvalue()


def png(colour: str = "green") -> bytes:
    written = io.BytesIO()
    Picture.new("RGB", (60, 40), colour).save(written, "PNG")
    return written.getvalue()


def test_a_certificate_is_issued_given_to_its_holder_and_verified(store: Store) -> None:
    certificate = factories.pending_certificate()
    assert issuing.finish_unfinished(timezone.now()) == 1
    entry = certificate.entries.get(kind=RegisterEntry.Kind.ISSUE)
    assert lying() == [f"private/{filing.file_name(entry)}"]

    download = reverse("certificates:download", args=[certificate.public_id])
    status, pdf = answered(logged_in(person=certificate.person), download)
    filed = certificate.entries.get(kind=RegisterEntry.Kind.FILED)
    assert (status, filing.sha256(pdf)) == (200, filed.content["sha256"])
    assert answered(logged_in(), download)[0] == 404
    assert verifying.verify() == verifying.Found(entries=2, files=1)


def test_while_the_store_is_away_it_is_said_and_afterwards_it_goes_on(store: Store) -> None:
    rule = factories.IssuingRuleFactory()
    factories.filed_certificate(rule=rule)
    certificate = factories.pending_certificate(rule=rule)
    store.stop()
    assert issuing.finish_unfinished(timezone.now()) == 0
    certificate.refresh_from_db()
    assert certificate.state == State.NUMBERED
    assert certificate.problem.startswith("The storage of the files is out of reach.")
    away = "Not verified: the storage of the files is out of reach"
    assert verifying.verify().problem.startswith(away)

    store.start()
    assert issuing.finish_unfinished(timezone.now()) == 1
    certificate.refresh_from_db()
    assert (certificate.state, certificate.problem) == (State.FILED, "")
    assert verifying.verify().problem == ""


def test_an_archive_made_meanwhile_names_what_is_missing_and_asks_once(store: Store) -> None:
    agency, rule = factories.AgencyFactory(), factories.IssuingRuleFactory()
    for _time in range(3):
        factories.filed_certificate(rule=rule, person=factories.PersonFactory(agency=agency))
    held = holding.of_agencies([agency.pk])
    store.stop()
    begun = time.monotonic()
    archive = zipfile.ZipFile(io.BytesIO(b"".join(handing_out.zipped(held))))
    assert time.monotonic() - begun < 5
    missing = archive.read(handing_out.MISSING).decode().splitlines()
    assert missing == [one.entry.number for one in held]


def test_a_lost_file_is_told_from_a_bucket_that_is_empty_or_gone(store: Store) -> None:
    filed = [factories.filed_certificate() for _time in range(2)]
    name = filing.filed_name(filed[0].entries.get(kind=RegisterEntry.Kind.ISSUE))
    filing.storage().delete(name)
    assert f"its file {name} is missing" in verifying.verify().problem
    for key in lying():
        buckets().delete_object(BUCKET, key)
    assert "out of reach (it is empty)" in verifying.verify().problem
    buckets().delete_bucket(BUCKET)
    assert "out of reach (An error occurred (NoSuchBucket)" in verifying.verify().problem


def test_pictures_of_a_template_are_drawn_from_a_copy_on_this_machine(store: Store) -> None:
    sha256 = artwork.keep_background(png())
    design = replace(ready_made.layout("vi"), background=sha256)
    template = designing.create_template(name="Mẫu", language="vi", at=timezone.now())
    version = designing.save_version(template_id=template.pk, design=design, at=timezone.now())
    template = designing.publish(version_id=version.pk)
    certificate = factories.filed_certificate(rule=factories.IssuingRuleFactory(template=template))
    assert certificate.state == State.FILED

    copy = artwork.find(sha256)
    assert copy.is_relative_to(Path(configured.DATA_DIR))
    kept = copy.read_bytes()
    copy.write_bytes(kept[:100])  # a disk that was full, say
    artwork.find.cache_clear()
    assert artwork.find(sha256).read_bytes() == kept
    assert list(copy.parent.iterdir()) == [copy]


def test_a_range_of_a_video_is_all_that_is_read_from_the_store(store: Store) -> None:
    name = storages["private"].save("clips/1.mp4", ContentFile(FILM))
    clip = Clip.objects.create(title="Bài 1", type="video", file=name, duration=10)
    course = factories.CourseFactory()
    LessonPage.objects.filter(pk=factories.lessons_of(course)[0].pk).update(clip=clip)
    enrolment = factories.EnrolmentFactory(run=factories.RunFactory(course=course))
    address, learner = reverse("courses:clip", args=[clip.pk]), logged_in(person=enrolment.person)

    store.given = 0
    assert answered(learner, address, Range="bytes=500000-500099") == (206, FILM[500_000:500_100])
    assert store.given == 100
    assert answered(learner, address) == (200, FILM)
    store.given = 0
    assert answered(logged_in(), address)[0] == 404
    assert answered(learner, address, Range=f"bytes={len(FILM)}-")[0] == 416
    assert store.given == 0
    storages["private"].delete(name)
    assert answered(learner, address)[0] == 404


def test_what_was_handed_in_is_given_back_as_a_download(store: Store) -> None:
    scan = private_files.Received(b"%PDF-1.7", private_files.PDF, "")
    name = scan.keep("scans")
    answer: Any = private_files.download(name, as_name="bien-ban")
    assert (answer.getvalue(), lying()) == (b"%PDF-1.7", [f"private/{name}"])
    with pytest.raises(ValueError, match="not accessible"):
        storages["private"].url(name)


def test_pages_show_renditions_through_our_own_host_and_nothing_else(store: Store) -> None:
    image = Image.objects.create(title="Ảnh", file=ContentFile(png(), "ảnh.png"))
    shown = image.get_rendition("width-30")
    assert shown.url.startswith("/media/images/")
    answer: Any = Client().get(shown.url)
    assert answer.headers["Content-Type"] == "image/png"
    assert Picture.open(io.BytesIO(answer.getvalue())).width == 30
    since = {"If-Modified-Since": answer.headers["Last-Modified"]}
    assert Client().get(shown.url, headers=since).status_code == 304

    original = f"/media/{image.file.name}"
    for address in (original, f"/media/images/../{image.file.name}", "/media/images/none.png"):
        assert Client().get(address).status_code == 404


def test_a_document_is_given_to_those_whom_its_collection_admits(store: Store) -> None:
    closed = Collection.get_first_root_node().add_child(name="Nội bộ")
    CollectionViewRestriction.objects.create(
        collection=closed, restriction_type=CollectionViewRestriction.LOGIN
    )
    document = Document.objects.create(
        title="Quy trình", file=ContentFile(b"%PDF", "quy-trinh.pdf"), collection=closed
    )
    assert lying() == [f"media/{document.file.name}"]
    assert answered(logged_in(), document.url) == (200, b"%PDF")
    assert Client().get(document.url).status_code == 302
    assert Client().get(f"/media/{document.file.name}").status_code == 404
