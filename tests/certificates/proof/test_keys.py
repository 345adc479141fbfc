import base64
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from certificates.proof import keys

KEY = bytes(range(32))


def as_setting(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def public_of(raw: bytes) -> Ed25519PublicKey:
    return Ed25519PrivateKey.from_private_bytes(raw).public_key()


@pytest.fixture(autouse=True)
def fresh_installation(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    settings.REGISTER_SIGNING_KEY = ""
    settings.REGISTER_SIGNING_KEY_ID = 1
    settings.REGISTER_PUBLIC_KEYS = {}


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "register-ed25519"


def test_a_configured_key_signs_and_no_file_is_made(settings: Settings, key_file: Path) -> None:
    settings.REGISTER_SIGNING_KEY = as_setting(KEY)
    settings.REGISTER_SIGNING_KEY_ID = 7
    key_id, private_key = keys.signing_key()
    assert (key_id, private_key.private_bytes_raw()) == (7, KEY)
    assert not key_file.exists()


def test_without_a_configured_key_one_is_made_and_kept(key_file: Path) -> None:
    first = keys.signing_key()[1].private_bytes_raw()
    assert keys.signing_key()[1].private_bytes_raw() == first
    assert base64.b64decode(key_file.read_text()) == first


def test_the_key_file_is_for_its_owner_only_and_alone_in_its_folder(key_file: Path) -> None:
    keys.signing_key()
    assert key_file.stat().st_mode & 0o777 == 0o600
    assert list(key_file.parent.iterdir()) == [key_file]


def test_two_installations_make_two_keys(settings: Settings, tmp_path: Path) -> None:
    first = keys.signing_key()[1].private_bytes_raw()
    settings.DATA_DIR = tmp_path / "other"
    assert keys.signing_key()[1].private_bytes_raw() != first


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    program = """
import sys, time, pathlib
from django.conf import settings
settings.configure(DATA_DIR=sys.argv[1], REGISTER_SIGNING_KEY="")
from certificates.proof import keys
print("ready", flush=True)
sys.stdin.readline()
print(keys.signing_key()[1].private_bytes_raw().hex())
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path)],
            cwd=Path(keys.__file__).parents[2],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    found = {process.communicate(timeout=30)[0].strip() for process in processes}
    assert len(found) == 1
    assert len(found.pop()) == 64


def test_one_who_looked_before_another_made_the_key_takes_the_others(
    monkeypatch: pytest.MonkeyPatch, key_file: Path
) -> None:
    winner = keys.signing_key()[1].private_bytes_raw()
    monkeypatch.setattr(Path, "exists", lambda path: False)
    assert keys.signing_key()[1].private_bytes_raw() == winner
    assert list(key_file.parent.iterdir()) == [key_file]


def test_retired_keys_count_beside_the_one_that_signs(settings: Settings) -> None:
    settings.REGISTER_SIGNING_KEY = as_setting(KEY)
    settings.REGISTER_SIGNING_KEY_ID = 3
    old, older = public_of(b"\x01" * 32), public_of(b"\x02" * 32)
    settings.REGISTER_PUBLIC_KEYS = {
        2: as_setting(old.public_bytes_raw()),
        "1": as_setting(older.public_bytes_raw()),
    }
    assert keys.public_keys() == {1: older, 2: old, 3: public_of(KEY)}


def test_the_signing_key_may_be_listed_among_the_public_ones(settings: Settings) -> None:
    settings.REGISTER_SIGNING_KEY = as_setting(KEY)
    settings.REGISTER_PUBLIC_KEYS = {1: as_setting(public_of(KEY).public_bytes_raw())}
    assert keys.public_keys() == {1: public_of(KEY)}


def test_one_id_for_two_keys_is_refused(settings: Settings) -> None:
    settings.REGISTER_SIGNING_KEY = as_setting(KEY)
    settings.REGISTER_PUBLIC_KEYS = {1: as_setting(public_of(b"\x01" * 32).public_bytes_raw())}
    with pytest.raises(ImproperlyConfigured, match=r"REGISTER_PUBLIC_KEYS\[1\]"):
        keys.public_keys()


@pytest.mark.parametrize("value", ["short", as_setting(KEY[:31]), as_setting(KEY * 2), "khóa", "%"])
def test_a_malformed_signing_key_is_named_and_not_shown(settings: Settings, value: str) -> None:
    settings.REGISTER_SIGNING_KEY = value
    with pytest.raises(ImproperlyConfigured, match="REGISTER_SIGNING_KEY") as refusal:
        keys.signing_key()
    assert value not in str(refusal.value)


def test_a_malformed_public_key_is_named(settings: Settings) -> None:
    settings.REGISTER_PUBLIC_KEYS = {4: "?"}
    with pytest.raises(ImproperlyConfigured, match=r"REGISTER_PUBLIC_KEYS\[4\]"):
        keys.public_keys()


def test_the_last_day_of_a_retired_key_is_read_and_a_malformed_one_named(
    settings: Settings,
) -> None:
    old = as_setting(public_of(b"\x01" * 32).public_bytes_raw())
    settings.REGISTER_SIGNING_KEY_ID = 2
    settings.REGISTER_PUBLIC_KEYS = {1: f"{old}@2027-03-01"}
    assert keys.last_days() == {1: date(2027, 3, 1)}
    settings.REGISTER_PUBLIC_KEYS = {1: f"{old}@March"}
    with pytest.raises(ImproperlyConfigured, match=r"REGISTER_PUBLIC_KEYS\[1\].*2027-03-01"):
        keys.published()


@pytest.mark.parametrize("key_id", [256, -1, "one", None])
def test_a_key_id_that_is_no_byte_is_refused(settings: Settings, key_id: object) -> None:
    settings.REGISTER_SIGNING_KEY_ID = key_id
    with pytest.raises(ImproperlyConfigured, match="REGISTER_SIGNING_KEY_ID"):
        keys.signing_key()


@pytest.mark.parametrize("written", [b"", b"\xff\xfe", b"cut"])
def test_a_damaged_key_file_is_named_and_left_alone(key_file: Path, written: bytes) -> None:
    key_file.parent.mkdir()
    key_file.write_bytes(written)
    with pytest.raises(ImproperlyConfigured, match="register-ed25519"):
        keys.signing_key()
    assert key_file.read_bytes() == written


def test_a_folder_that_cannot_be_made_gives_one_clear_line(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    settings.DATA_DIR = tmp_path / "file"
    with pytest.raises(ImproperlyConfigured, match="cannot be kept"):
        keys.signing_key()
