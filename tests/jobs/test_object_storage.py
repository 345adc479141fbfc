"""Files in a bucket keep the promises of files on a disk."""

import io
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.config import Config
from django.core.checks import run_checks
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import TemporaryUploadedFile

from config import file_storages
from jobs.object_storage import ObjectStorage
from tests.jobs.object_store import BUCKET, Store, buckets, store
from tests.together import together

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def shared() -> Iterator[Store]:
    with store() as running:
        yield running


@pytest.fixture
def running(shared: Store) -> Iterator[Store]:
    for key in list(buckets().buckets[BUCKET].keys):
        buckets().delete_object(BUCKET, key)
    shared.asked.clear()
    shared.given = 0
    yield shared
    shared.start()


@pytest.fixture
def storage(running: Store) -> ObjectStorage:
    return kept_at(running.url)


def kept_at(url: str) -> ObjectStorage:
    given = file_storages.bucket(url, media_url="/media/")["private"]["OPTIONS"]
    return ObjectStorage(**given)


def lying() -> list[str]:
    return sorted(buckets().buckets[BUCKET].keys)


def content(storage: ObjectStorage, name: str) -> Any:
    with storage.open(name) as kept:
        return kept.read()


def test_a_file_is_kept_with_its_bytes_and_can_be_read_again(storage: ObjectStorage) -> None:
    assert storage.save("a/Bài 1.pdf", ContentFile(b"%PDF")) == "a/Bài 1.pdf"
    assert lying() == ["private/a/Bài 1.pdf"]
    with storage.open("a/Bài 1.pdf") as kept:
        assert kept.read() == b"%PDF"
    with kept.open() as again:
        assert (again.read(), again.size) == (b"%PDF", 4)
    assert (storage.size("a/Bài 1.pdf"), storage.exists("a/Bài 1.pdf")) == (4, True)
    storage.delete("a/Bài 1.pdf")
    assert not storage.exists("a/Bài 1.pdf")


def test_a_taken_name_gets_an_ending_and_stays_as_it_was(storage: ObjectStorage) -> None:
    storage.save("a.pdf", ContentFile(b"first"))
    other = storage.save("a.pdf", ContentFile(b"second"))
    assert other != "a.pdf"
    assert [content(storage, name) for name in ("a.pdf", other)] == [b"first", b"second"]


def test_many_at_once_under_one_name_are_all_kept(
    storage: ObjectStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also if all of them have looked first and found the name free."""
    looked = []

    def free_at_first(name: str) -> bool:
        looked.append(name)
        return len(looked) > 8 and ObjectStorage.exists(storage, name)

    monkeypatch.setattr(storage, "exists", free_at_first)

    def save(number: int) -> Any:
        return lambda: storage.save("a.pdf", ContentFile(str(number).encode()))

    names = [str(name) for name in together([save(number) for number in range(8)])]
    assert len(set(names)) == 8
    assert {content(storage, name) for name in names} == {b"%d" % n for n in range(8)}


def test_it_needs_nothing_that_only_tests_bring(running: Store) -> None:
    code = (
        "from django.core.files.storage import storages as s; from io import BytesIO;"
        "from django.core.files import File; s['private'].save('a.pdf', File(BytesIO(b'%PDF')));"
        "print(s['private'].open('a.pdf').read().decode())"
    )
    given = {"FILES_URL": running.url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", code]
    assert subprocess.check_output(command, env=os.environ | given, cwd=ROOT) == b"%PDF\n"


def test_half_a_file_never_has_the_name(storage: ObjectStorage) -> None:
    class Broken(io.BytesIO):
        def read(self, *given: Any) -> bytes:
            if self.tell():
                raise ConnectionError
            return super().read(1000)

    with pytest.raises(OSError):  # noqa: PT011
        storage.save("a.pdf", File(Broken(b"x" * 5000)))
    assert lying() == []


def test_an_upload_that_lies_on_the_disk_is_taken(storage: ObjectStorage) -> None:
    with TemporaryUploadedFile("clip.mp4", "video/mp4", 4, None) as upload:
        upload.write(b"clip")
        upload.flush()
        storage.save("clip.mp4", upload)
    assert content(storage, "clip.mp4") == b"clip"


def test_a_kept_file_is_not_written_to(storage: ObjectStorage) -> None:
    storage.save("a.pdf", ContentFile(b"first"))
    with pytest.raises(OSError, match="not written to"):
        storage.open("a.pdf", "wb")


@pytest.mark.parametrize("ask", ["open", "size", "get_modified_time"])
def test_a_file_that_is_not_there_is_told_as_on_a_disk(storage: ObjectStorage, ask: str) -> None:
    with pytest.raises(FileNotFoundError):
        getattr(storage, ask)("a.pdf")
    with pytest.raises(FileNotFoundError):
        list(storage.part("a.pdf", 0, 1))


ASKS: list[Any] = [
    lambda storage: storage.exists("a.pdf"),
    lambda storage: storage.size("a.pdf"),
    lambda storage: storage.open("a.pdf"),
    lambda storage: list(storage.part("a.pdf", 0, 1)),
    lambda storage: storage.listdir(""),
    lambda storage: storage.delete("a.pdf"),
    lambda storage: storage.get_modified_time("a.pdf"),
    lambda storage: storage.save("a.pdf", ContentFile(b"second")),
]


def test_a_store_that_is_away_is_an_error_of_the_system_whatever_is_asked_and_soon(
    storage: ObjectStorage, running: Store
) -> None:
    storage.save("a.pdf", ContentFile(b"first"))
    running.stop()
    begun = time.monotonic()
    raised = together([partial(ask, storage) for ask in ASKS])
    assert [type(error) for error in raised] == [OSError] * len(ASKS)
    assert time.monotonic() - begun < 10
    running.start()
    assert content(storage, "a.pdf") == b"first"


def test_a_store_that_does_not_answer_is_not_waited_for(running: Store) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_url = running.url.replace(str(running.port), str(silent.getsockname()[1]))
        storage = kept_at(silent_url)
        assert storage.client_config.connect_timeout + storage.client_config.read_timeout <= 10
        storage.client_config = storage.client_config.merge(Config(read_timeout=0.1))
        with pytest.raises(OSError, match="timeout"):
            storage.exists("a.pdf")


def test_a_bucket_that_is_not_there_has_not_lost_the_file(running: Store) -> None:
    elsewhere = kept_at(running.url.replace(f"/{BUCKET}", "/another"))
    for ask in (elsewhere.exists, elsewhere.open):
        with pytest.raises(OSError) as told:  # noqa: PT011
            ask("a.pdf")
        assert not isinstance(told.value, FileNotFoundError)
    with pytest.raises(OSError, match="NoSuchBucket"):
        elsewhere.listdir("")


def test_a_part_is_all_that_is_asked_of_the_store(storage: ObjectStorage, running: Store) -> None:
    storage.save("clip.mp4", ContentFile(bytes(range(256)) * 4000))
    running.given = 0
    assert b"".join(storage.part("clip.mp4", 256_010, 256_019)) == bytes(range(10, 20))
    assert running.given == 10


def test_the_uppermost_folders_are_found_without_listing_what_lies_in_them(
    storage: ObjectStorage, running: Store
) -> None:
    for number in range(1100):
        buckets().put_object(BUCKET, f"private/certificates/{number}.pdf", b"")
    buckets().put_object(BUCKET, "private/clips/1.mp4", b"")
    assert storage.listdir("") == (["certificates", "clips"], [])
    assert len(running.asked) == 1
    assert len(storage.listdir("certificates")[1]) == 1100


def test_nothing_leads_to_the_store_and_media_have_addresses_of_our_own(running: Store) -> None:
    made = file_storages.bucket(running.url, media_url="/media/")
    media, private = (ObjectStorage(**made[alias]["OPTIONS"]) for alias in ("default", "private"))
    assert media.url("images/Ảnh.jpg") == "/media/images/%E1%BA%A2nh.jpg"
    with pytest.raises(ValueError, match="not accessible"):
        private.url("clips/1.mp4")


# --- What is asked of it when it is set up --------------------------------------------------------


@pytest.fixture
def in_use(running: Store, settings: Any) -> Store:
    settings.STORAGES = settings.STORAGES | file_storages.bucket(running.url, media_url="/media/")
    return running


def found() -> list[str]:
    """As ``manage.py check --deploy --tag files`` asks."""
    return [str(one.id) for one in run_checks(tags=["files"], include_deployment_checks=True)]


def test_a_good_store_passes_and_nothing_stays_in_it(in_use: Store) -> None:
    assert (found(), lying()) == ([], [])


def test_files_on_a_disk_are_not_asked() -> None:
    assert found() == []


def test_a_store_out_of_reach_or_without_the_bucket_is_named(in_use: Store, settings: Any) -> None:
    elsewhere = in_use.url.replace(f"/{BUCKET}", "/another")
    settings.STORAGES = settings.STORAGES | file_storages.bucket(elsewhere, media_url="/media/")
    assert found() == ["jobs.E001"]
    in_use.stop()
    assert found() == ["jobs.E001"]


def test_a_store_that_overwrites_or_gives_to_anybody_is_named(
    in_use: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_use, "forgets", "HTTP_IF_NONE_MATCH")
    monkeypatch.setattr(in_use, "acl", "public-read")
    assert found() == ["jobs.E002", "jobs.E003"]
