"""Static files with content-hashed names, compressed once when collected."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Hashed names; a name missing from the manifest is served unhashed.

    Strict mode would turn a forgotten `collectstatic` into a 500 on every page.
    """

    manifest_strict = False

    def hashed_name(self, name, content=None, filename=None):
        """Return the name itself where the file was not collected."""
        try:
            return super().hashed_name(name, content, filename)
        except ValueError:
            if content is not None:
                raise
            return name
