"""A file has its name when it is whole."""

import errno
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import TemporaryUploadedFile

from jobs.whole_files import WholeFileStorage
from tests.together import together


@pytest.fixture
def storage(tmp_path: Path) -> WholeFileStorage:
    return WholeFileStorage(location=tmp_path)


def lying(folder: Path) -> list[str]:
    return sorted(str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file())


class Broken(ContentFile):  # type: ignore[type-arg]
    """Looks into the folder between its two halves, and then fails."""

    def __init__(self, folder: Path) -> None:
        super().__init__(b"")
        self.folder, self.seen = folder, list[str]()

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        yield b"%PDF half"
        self.seen = lying(self.folder)
        raise ConnectionError


@pytest.fixture
def small_files() -> Iterator[None]:
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, usual[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, usual)


def test_a_file_is_kept_with_its_bytes_and_alone(storage: WholeFileStorage, tmp_path: Path) -> None:
    assert storage.save("a/b.pdf", ContentFile(b"%PDF")) == "a/b.pdf"
    assert (tmp_path / "a/b.pdf").read_bytes() == b"%PDF"
    assert lying(tmp_path) == ["a/b.pdf"]


def test_half_a_file_never_has_the_name_and_nothing_of_it_stays(
    storage: WholeFileStorage, tmp_path: Path
) -> None:
    broken = Broken(tmp_path)
    with pytest.raises(ConnectionError):
        storage.save("a.pdf", broken)
    assert "a.pdf" not in broken.seen
    assert lying(tmp_path) == []


@pytest.mark.usefixtures("small_files")
def test_a_full_disk_is_told_and_leaves_nothing(storage: WholeFileStorage, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=f"Errno {errno.EFBIG}"):
        storage.save("a.pdf", ContentFile(b"x" * 100_000))
    assert lying(tmp_path) == []


def test_a_taken_name_gets_an_ending_and_stays_as_it_was(
    storage: WholeFileStorage, tmp_path: Path
) -> None:
    storage.save("a.pdf", ContentFile(b"first"))
    other = storage.save("a.pdf", ContentFile(b"second"))
    assert other != "a.pdf"
    assert [(tmp_path / name).read_bytes() for name in ("a.pdf", other)] == [b"first", b"second"]


def test_many_at_once_under_one_name_are_all_kept(
    storage: WholeFileStorage, tmp_path: Path
) -> None:
    def save(number: int) -> Any:
        return lambda: storage.save("a.pdf", ContentFile(str(number).encode()))

    names = together([save(number) for number in range(8)])
    assert len(set(names)) == 8
    assert {(tmp_path / str(name)).read_text() for name in names} == {str(n) for n in range(8)}


def test_an_upload_that_lies_on_the_disk_already_is_taken(
    storage: WholeFileStorage, tmp_path: Path
) -> None:
    with TemporaryUploadedFile("clip.mp4", "video/mp4", 4, None) as upload:
        upload.write(b"clip")
        upload.flush()
        storage.save("clip.mp4", upload)
    assert (tmp_path / "clip.mp4").read_bytes() == b"clip"
    assert lying(tmp_path) == ["clip.mp4"]
