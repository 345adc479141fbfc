from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class HashedStaticFilesStorage(ManifestStaticFilesStorage):
    """Hashed names also inside the scripts' imports: an upgrade must not meet cached modules."""

    support_js_module_import_aggregation = True
