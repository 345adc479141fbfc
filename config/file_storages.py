"""Where files lie: in folders, or in a bucket that speaks S3, which several machines share."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

_SHAPE = "https://KEY:SECRET@host/bucket?region=…"


def folders(private: Path) -> dict[str, dict[str, Any]]:
    """Django's ``default`` storage in MEDIA_ROOT, and ``private`` in a folder of its own."""
    return {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        # Videos and certificates: never under a folder that is served directly.
        "private": {
            "BACKEND": "jobs.whole_files.WholeFileStorage",
            "OPTIONS": {"location": str(private), "base_url": None},
        },
    }


def bucket(url: str, *, media_url: str) -> dict[str, dict[str, Any]]:
    """Both in the bucket that ``FILES_URL`` names, each under a prefix.

    Raises ImproperlyConfigured that says what the address lacks.
    """
    options = _options(url)
    # One bucket, closed as a whole: no rule of the store decides what the public may see. Ours do.
    return {
        alias: {"BACKEND": "jobs.object_storage.ObjectStorage", "OPTIONS": options | own}
        for alias, own in (
            ("default", {"location": "media", "base_url": media_url}),
            ("private", {"location": "private"}),
        )
    }


def _options(url: str) -> dict[str, Any]:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        # Without its words: they may hold the secret.
        raise ImproperlyConfigured(f"FILES_URL cannot be read as {_SHAPE}") from error
    name = parts.path.strip("/")
    wanted = {
        "https:// or http://": parts.scheme in ("https", "http"),
        "a host": host,
        "a key": parts.username,
        "its secret": parts.password,
        "one bucket": name and "/" not in name,
    }
    if lacking := [what for what, given in wanted.items() if not given]:
        raise ImproperlyConfigured(f"FILES_URL is {_SHAPE} and lacks {', '.join(lacking)}.")
    return {
        "endpoint_url": f"{parts.scheme}://{host}" + (f":{port}" if port else ""),
        "access_key": unquote(parts.username or ""),
        "secret_key": unquote(parts.password or ""),
        "bucket_name": name,
        "region_name": parse_qs(parts.query).get("region", ["us-east-1"])[0],
    }
