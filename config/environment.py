"""The environment: what production must be told, what the embedded default makes itself."""

import os
import secrets
from datetime import time
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# Without these a public service would run on guessable or throw-away values.
REQUIRED_IN_PRODUCTION = (
    "SECRET_KEY",
    "DATABASE_URL",
    "CELERY_BROKER_URL",
    "CACHE_URL",
    "PUBLIC_URL",
    "DATA_DIR",
    "REGISTER_SIGNING_KEY",
)


def refuse_missing_secrets() -> None:
    """Raise ImproperlyConfigured that names every variable production lacks."""
    missing = [name for name in REQUIRED_IN_PRODUCTION if not os.environ.get(name)]
    if missing:
        raise ImproperlyConfigured(
            "Production needs these environment variables: " + ", ".join(missing)
        )


def kept_secret(path: Path) -> str:
    """Return the secret in ``path``, made on first use; two processes starting at once agree."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another process was first; its secret holds
        finally:
            draft.unlink()
    return path.read_text()


def signing_key(folder: Path, *, demo: bool) -> tuple[str, str, str]:
    """Path of the key that signs certificates, its passphrase, and whose signatures count.

    The demo has a key of its own in ``folder``, which says TEST.
    """
    key, passphrase, trust = (
        os.environ.get(f"SIGNING_{name}", "") for name in ("PKCS12", "PASSPHRASE", "TRUST")
    )
    if demo and not key:
        key = str(folder / "demo-signing.p12")
        passphrase = kept_secret(folder / "demo-signing-passphrase")
        trust = trust or str(folder / "demo-authority.pem")
    return key, passphrase, trust


def hours_between(text: str) -> tuple[time, time] | None:
    """Read ``21:00-06:30``; None where nothing is written. Raise ImproperlyConfigured otherwise."""
    if not text.strip():
        return None
    try:
        first, last = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError as error:
        raise ImproperlyConfigured(f"Two hours are wanted, such as 21:00-06:30: {text}") from error
    return first, last
