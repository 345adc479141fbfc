"""The worker of ``config.celery``, held at a barrier while it draws a certificate.

``celery --app tests.process.held worker`` writes the file named by ``REACHED``, and then stays in
the middle of rendering until it is killed. Everything before that is the product's own.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from certificates.paper import rendering
from config.celery import app

__all__ = ["app"]

_drawn = rendering.render


def render(*, content: Mapping[str, Any], **values: Any) -> bytes:
    """Draw the certificate, say so, and never come to an end."""
    pdf = _drawn(content=content, **values)
    Path(os.environ["REACHED"]).write_text(str(content["number"]), encoding="utf-8")
    time.sleep(3600)
    return pdf


rendering.render = render
