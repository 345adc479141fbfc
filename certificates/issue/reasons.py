"""Why a certificate was not issued, in words for the DOST officer."""

import errno

from django.utils.translation import gettext as _

from certificates.issue.freezing import CannotIssue
from certificates.paper.rendering import RenderingError
from certificates.proof.keys import KeyUnusable
from certificates.signature.signing import CannotSign

# Their messages are such words.
_IN_WORDS = (CannotIssue, CannotSign, RenderingError)
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def in_words(error: Exception) -> str:
    """A sentence, and behind it what was raised, for whoever mends it; never empty."""
    if isinstance(error, _IN_WORDS) and str(error):
        return str(error)
    return f"{_sentence(error)} ({type(error).__name__}: {error})"


def _sentence(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in _FULL:
        return _("The disk for the files is full. It goes on by itself once there is room.")
    if isinstance(error, OSError):
        return _("The storage of the files is out of reach. It goes on by itself once it is back.")
    if isinstance(error, KeyUnusable):
        return _(
            "The key that signs QR codes cannot be used. It goes on by itself once it is mended."
        )
    return _("Something unforeseen went wrong. It is tried again by itself.")
