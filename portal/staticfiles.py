"""Static files with content-hashed names, compressed once when collected."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed names; a name missing from the manifest is served unhashed.

    Strict mode would turn a forgotten `collectstatic` into a 500 on every page.
    """

    manifest_strict = False
