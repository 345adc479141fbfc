"""Pictures as pages show them: public, from the folder or the bucket of the media files.

Renditions only: originals and documents have views that ask who is there.
"""

from datetime import datetime

from django.contrib.auth.decorators import login_not_required
from django.core.files.storage import storages
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.cache import cache_control
from django.views.decorators.http import last_modified, require_safe


def _changed_at(request: HttpRequest, path: str) -> datetime:
    try:
        return storages["default"].get_modified_time(path)
    except FileNotFoundError as missing:
        raise Http404 from missing


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
@last_modified(_changed_at)
def show(request: HttpRequest, path: str) -> FileResponse:
    """One rendition; ``path`` begins with its folder."""
    try:
        return FileResponse(storages["default"].open(path, "rb"))
    except (FileNotFoundError, IsADirectoryError) as missing:
        raise Http404 from missing
