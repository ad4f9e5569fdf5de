"""portal.settings with a folder of its own, a fast hasher and no threads."""

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="portal-tests-")
atexit.register(shutil.rmtree, _folder, ignore_errors=True)
for _name in (
    *("SITE_URL", "SECRET_KEY", "DEBUG", "ALLOWED_HOSTS", "BIND", "PORT"),
    *("EMAIL_URL", "EMAIL_FROM"),
):
    os.environ.pop(_name, None)
os.environ["DATA_DIR"] = _folder
os.environ["TRUSTED_PROXIES"] = "0"

from portal.settings import *  # noqa: E402, F403

SITE_URL = "http://testserver"
SITE_IS_LOCAL = False
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
BACKGROUND_THREADS = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {  # noqa: F405
    "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
