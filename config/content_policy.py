"""What browsers may load on the site, what else under ``/admin/``, and what devices they open."""

YOUTUBE = ["https://www.youtube.com", "https://www.youtube-nocookie.com"]

SITE = {
    "default-src": ["'self'"],
    "script-src": ["'self'", "https://www.youtube.com"],
    "frame-src": ["'self'", *YOUTUBE],
    "img-src": ["'self'", "data:", "https://i.ytimg.com"],
    "object-src": ["'none'"],
    "base-uri": ["'self'"],
    "form-action": ["'self'"],
    "frame-ancestors": ["'self'"],
}

# Wagtail's editor writes inline scripts and styles; it is for logged-in staff only.
ADMIN = {
    "script-src": ["'self'", "'unsafe-inline'", "'unsafe-eval'"],
    "style-src": ["'self'", "'unsafe-inline'"],
    "img-src": ["'self'", "data:", "blob:", "https://i.ytimg.com"],
    "media-src": ["'self'", "blob:"],
}

PERMISSIONS: dict[str, list[str]] = {
    name: [] for name in ("camera", "geolocation", "microphone", "payment", "usb")
}
