"""The paper of a content that is not entered, for those who decide on it."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from certificates.paper import designing, rendering

WATERMARKS = {"vi": "XEM TRƯỚC", "en": "PREVIEW"}


def preview(content: Mapping[str, Any]) -> bytes:
    """The paper as it would look: with a watermark, and a QR that proves nothing.

    Raises RenderingError.
    """
    return rendering.render(
        content={**content, "preview": True},
        qr_address=settings.PUBLIC_URL.upper(),
        watermark=WATERMARKS[content["language"]],
        design=designing.design_of(content),
    )
