"""How the settings come from the environment; each case in a process of its own."""

import ast
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config.environment import REQUIRED_IN_PRODUCTION

ROOT = Path(__file__).resolve().parents[2]
COMPLETE = {
    "PRODUCTION": "1",
    "SECRET_KEY": "s" * 50,
    "DATABASE_URL": "postgres://iso:secret@db.invalid/iso",
    "CELERY_BROKER_URL": "amqp://iso:secret@broker.invalid//",
    "CACHE_URL": "redis://cache.invalid:6379/0",
    "PUBLIC_URL": "https://iso.khanhhoa.gov.vn/",
    "REGISTER_SIGNING_KEY": "A" * 43 + "=",
}


def read(settings: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Load the settings with exactly this environment, and print an expression over them."""
    code = f"from django.conf import settings as s; print(({settings}))"
    inherited = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return subprocess.run(
        [sys.executable, "-c", code],
        env=inherited | {"DJANGO_SETTINGS_MODULE": "config.settings"} | environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def answer(settings: str, environment: dict[str, str]) -> str:
    ran = read(settings, environment)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


def test_production_without_its_secrets_names_every_missing_one(tmp_path: Path) -> None:
    ran = read("s.DEBUG", {"PRODUCTION": "1"})
    assert ran.returncode != 0
    last = ran.stderr.strip().splitlines()[-1]
    assert "ImproperlyConfigured" in last
    assert [name for name in REQUIRED_IN_PRODUCTION if name not in last] == []


@pytest.mark.parametrize("missing", REQUIRED_IN_PRODUCTION)
def test_production_refuses_when_a_single_secret_is_missing_or_empty(
    tmp_path: Path, missing: str
) -> None:
    environment = COMPLETE | {"DATA_DIR": str(tmp_path), missing: ""}
    ran = read("s.DEBUG", environment)
    assert ran.returncode != 0
    last = ran.stderr.strip().splitlines()[-1]
    assert last.endswith(f": {missing}")


def test_production_is_closed_and_speaks_only_encrypted(tmp_path: Path) -> None:
    asked = (
        "s.DEBUG, s.DEMO, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS > 0,"
        "s.PUBLIC_URL, s.ALLOWED_HOSTS[0], s.TRUSTED_PROXIES"
    )
    expected = (
        False,
        False,
        True,
        True,
        True,
        "https://iso.khanhhoa.gov.vn",
        "iso.khanhhoa.gov.vn",
        1,
    )
    assert answer(asked, COMPLETE | {"DATA_DIR": str(tmp_path)}) == str(expected)


def test_production_writes_no_secret_into_its_data_folder(tmp_path: Path) -> None:
    answer("s.DEBUG", COMPLETE | {"DATA_DIR": str(tmp_path)})
    assert not (tmp_path / "keys").exists()


def test_the_embedded_default_needs_no_environment_but_its_folder(tmp_path: Path) -> None:
    asked = "s.EMBEDDED_DATABASE, s.EMBEDDED_BROKER, s.DEBUG, s.SWEEP_SECONDS, s.PUBLIC_URL"
    expected = (True, True, False, 15, "http://127.0.0.1:8000")
    assert answer(asked, {"DATA_DIR": str(tmp_path)}) == str(expected)
    moved = answer("s.PUBLIC_URL", {"DATA_DIR": str(tmp_path), "PORT": "8123"})
    assert moved == "http://127.0.0.1:8123"


def test_everything_that_is_written_lies_in_the_data_folder(tmp_path: Path) -> None:
    asked = (
        "[str(path) for path in (s.DATABASES['default']['NAME'], s.BROKER_DIR, s.MEDIA_ROOT,"
        "s.STATIC_ROOT, s.CACHES['default']['LOCATION'], s.CELERY_BEAT_SCHEDULE_FILENAME,"
        "s.STORAGES['private']['OPTIONS']['location'])]"
    )
    for path in ast.literal_eval(answer(asked, {"DATA_DIR": str(tmp_path)})):
        assert path.startswith(str(tmp_path))


def test_the_embedded_secret_is_made_once_and_kept(tmp_path: Path) -> None:
    environment = {"DATA_DIR": str(tmp_path)}
    first, second = (answer("s.SECRET_KEY", environment) for _time in range(2))
    assert first == second
    assert len(first) >= 50
    assert (tmp_path / "keys" / "secret-key").stat().st_mode & 0o777 == 0o600


def test_processes_that_start_at_once_agree_on_the_secret(tmp_path: Path) -> None:
    environment = {"DATA_DIR": str(tmp_path)}
    with ThreadPoolExecutor(4) as starting:
        secrets = list(starting.map(lambda _number: answer("s.SECRET_KEY", environment), range(4)))
    assert len(set(secrets)) == 1
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["secret-key"]


def test_a_bucket_for_the_files_is_used_when_it_is_whole(tmp_path: Path) -> None:
    asked = "[s.STORAGES[one]['BACKEND'] for one in ('default', 'private')]"
    folder, whole = {"DATA_DIR": str(tmp_path)}, "https://AK:hush@s3.example.vn/iso"
    in_folders = [
        "django.core.files.storage.FileSystemStorage",
        "jobs.whole_files.WholeFileStorage",
    ]
    assert answer(asked, folder) == str(in_folders)
    in_bucket = ["jobs.object_storage.ObjectStorage"] * 2
    assert answer(asked, folder | {"FILES_URL": whole}) == str(in_bucket)
    ran = read(asked, folder | {"FILES_URL": whole.removesuffix("/iso")})
    assert "ImproperlyConfigured: FILES_URL" in ran.stderr
    assert ran.stderr.strip().endswith("lacks one bucket.")


@pytest.mark.parametrize("cache_url", ["redis://cache.invalid:6379/0", ""])
def test_installations_that_share_a_cache_have_keys_of_their_own(
    tmp_path: Path, cache_url: str
) -> None:
    environment = {"DATA_DIR": str(tmp_path), "CACHE_URL": cache_url, "CACHE_PREFIX": "kh"}
    shared = "__import__('django.core.cache').core.cache.cache.make_key('known')"
    assert answer(shared, environment) == "kh:1:known"
