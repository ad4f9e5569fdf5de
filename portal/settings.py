"""All settings, in the order of Django's documentation.

The environment is read here and nowhere else; .env.example lists every
variable. A site whose BIND or SITE_URL is not loopback is *public* and refuses
to start unsafe, naming the variable.
"""

import ipaddress
import warnings
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from portal.secret import read_or_make_secret

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _int(name: str, default: int, low: int, high: int) -> int:
    text = env.str(name, default="") or str(default)
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise ImproperlyConfigured(
            f"{name}={text!r} phải là số từ {low} đến {high}, ví dụ {name}={default}."
        )
    return int(text)


def _bool(name: str, default: bool = False) -> bool:
    text = (env.str(name, default="") or ("1" if default else "0")).lower()
    if text not in ("0", "1", "true", "false", "on", "off", "yes", "no"):
        raise ImproperlyConfigured(f"{name}={text!r} phải là 0 hoặc 1.")
    return text in ("1", "true", "on", "yes")


# Where it listens and what it is called from outside
BIND = env.str("BIND", default="127.0.0.1") or "127.0.0.1"
PORT = _int("PORT", 8000, 1, 65535)
_url_host = f"[{BIND}]" if ":" in BIND else BIND
SITE_URL = (env.str("SITE_URL", default="") or f"http://{_url_host}:{PORT}").rstrip("/")
try:
    _site = urlsplit(SITE_URL)
except ValueError:
    _site = urlsplit("")
if _site.scheme not in ("http", "https") or not _site.hostname or _site.path:
    raise ImproperlyConfigured(
        f"SITE_URL={SITE_URL!r} phải có dạng https://ten-mien.gov.vn, không có đường "
        "dẫn phía sau."
    )
IS_PUBLIC = not (_is_loopback(BIND) and _is_loopback(_site.hostname))
IS_HTTPS = _site.scheme == "https"

# Everything that must be kept lies in one folder
DATA_DIR = Path(env.str("DATA_DIR", default="") or BASE_DIR / "var").resolve()
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True)
except OSError as error:
    raise ImproperlyConfigured(
        f"DATA_DIR={str(DATA_DIR)!r} không tạo được: {error.strerror}."
    ) from error
SPOOL_DIR = DATA_DIR / "spool"

DEBUG = _bool("DEBUG")
if DEBUG and IS_PUBLIC:
    raise ImproperlyConfigured("DEBUG=1 không được phép trên cổng công khai.")

SECRET_KEY = env.str("SECRET_KEY", default="")
if IS_PUBLIC and len(SECRET_KEY) < 32:
    raise ImproperlyConfigured(
        "SECRET_KEY phải được đặt (ít nhất 32 ký tự ngẫu nhiên) trên cổng công khai."
    )
if not SECRET_KEY:
    SECRET_KEY = read_or_make_secret(DATA_DIR / "secret_key")

ALLOWED_HOSTS = [
    host.strip() for host in env.str("ALLOWED_HOSTS", default="").split(",")
]
# Loopback always: health checks on the host itself. No absolute link uses Host.
ALLOWED_HOSTS = [
    *(filter(None, ALLOWED_HOSTS) if any(ALLOWED_HOSTS) else [_site.hostname]),
    *("localhost", "127.0.0.1", "[::1]"),
]
if IS_PUBLIC and any(h == "*" for h in ALLOWED_HOSTS):
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS không được chứa '*' trên cổng công khai, ví dụ "
        "ALLOWED_HOSTS=tinh.gov.vn,www.tinh.gov.vn."
    )
if IS_PUBLIC and not IS_HTTPS:
    raise ImproperlyConfigured(
        f"SITE_URL={SITE_URL!r}: cổng công khai phải dùng https://."
    )
# Proxies in front that add to X-Forwarded-For; the client's address is taken
# that many entries from the right, never from the left.
TRUSTED_PROXIES = _int("TRUSTED_PROXIES", 0, 0, 10)
if IS_HTTPS and not TRUSTED_PROXIES:
    raise ImproperlyConfigured(
        "TRUSTED_PROXIES phải được đặt khi SITE_URL là https://, ví dụ "
        "TRUSTED_PROXIES=1: TLS kết thúc ở máy chủ đứng trước (nginx); không có nó, "
        "mọi trang sẽ chuyển hướng mãi mãi."
    )

# Applications
INSTALLED_APPS = [
    "portal.apps.PortalConfig",
    "news.apps.NewsConfig",
    "search.apps.SearchConfig",
    "stats.apps.StatsConfig",
    "portal.admin_site.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django_filters",
    "js_asset",
    "django_prose_editor",
    "csp",
]

# Public pages need the first six only; sessions, users, CSRF and messages cost
# nothing there, because nothing in a public view or template touches them.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.security.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.unavailable.DatabaseAwayMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.audit.context.AuditMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "stats.staff.NoCountMiddleware",
]
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            # Only the admin asks for these; they are lazy, so a public template
            # that never mentions user or messages sets no cookie.
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Database
_database_url = env.str("DATABASE_URL", default="")
try:
    with warnings.catch_warnings(action="ignore"):  # the sentence below is enough
        _database = environ.Env.db_url_config(
            _database_url or f"sqlite:///{DATA_DIR / 'portal.sqlite3'}"
        )
    if not _database.get("NAME"):
        raise ValueError("no database name")
except Exception as error:
    raise ImproperlyConfigured(
        "DATABASE_URL không đọc được; ví dụ "
        "DATABASE_URL=postgres://nguoi_dung:mat_khau@127.0.0.1:5432/ten_csdl."
    ) from error
if _database["ENGINE"].endswith("sqlite3"):
    _database["CONN_MAX_AGE"] = 60  # seconds
    _database["OPTIONS"] = {
        # IMMEDIATE: a transaction that reads and then writes takes the write
        # lock at once and waits for it, instead of failing half-way.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,  # seconds to wait for another writer
        "init_command": (
            "PRAGMA journal_mode=WAL;"
            "PRAGMA synchronous=FULL;"  # an acknowledged save survives power loss
            "PRAGMA cache_size=-32000;"  # KiB
            "PRAGMA temp_store=MEMORY;"
        ),
    }
elif _database["ENGINE"].endswith("postgresql"):
    _database["CONN_MAX_AGE"] = 60  # seconds
    _database["CONN_HEALTH_CHECKS"] = True
    _database["OPTIONS"] = {
        "connect_timeout": 3,  # seconds
        # A server that vanished without a word is noticed within 20 seconds.
        "tcp_user_timeout": 5000,  # milliseconds
        "keepalives_idle": 10,
        "keepalives_interval": 3,
        "keepalives_count": 3,
    }
else:
    raise ImproperlyConfigured(
        "DATABASE_URL: chỉ hỗ trợ sqlite:///... và postgres://..."
    )
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People
AUTH_USER_MODEL = "portal.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": (
            "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"
        )
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 14},  # without a second factor: TCVN 14423
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "admin:login"

# Language and time. No LocaleMiddleware: a public page has one version.
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese"))]
LOCALE_PATHS = [BASE_DIR / "portal" / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = ["portal.formats"]
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True

# Files
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default="") or BASE_DIR / "staticfiles")
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "base_url": MEDIA_URL},
    },
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "private", "base_url": None},
    },
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "portal.staticfiles.StaticStorage"
        )
    },
}
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20  # bytes of form text: a very long article
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
MAX_IMAGE_UPLOAD_BYTES = 30 * 2**20  # a camera's largest JPEG
MAX_ATTACHMENT_BYTES = 50 * 2**20

# Processes, and threads in each; every thread may hold a database connection.
WORKERS = _int("WORKERS", 2, 1, 64)
THREADS = _int("THREADS", 4, 1, 64)
# The watcher and housekeeping threads of portal.wsgi; tests start none.
BACKGROUND_THREADS = True

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# Finished pages kept by each worker process: about 1,000 pages of 60 KB in
# three encodings.
PAGE_CACHE_BYTES = _int("PAGE_CACHE_MB", 64, 0, 4096) * 2**20

# Cookies exist in the back office only; the path keeps them from public pages.
SESSION_COOKIE_PATH = "/admin/"
CSRF_COOKIE_PATH = "/admin/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_AGE = 12 * 3600  # seconds: one working day
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"

# Security headers; portal.security adds what Django and django-csp lack.
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
)
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 365 * 86400 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = False  # the owner of the whole domain decides that
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Not django's W021: preload is the domain owner's decision, see above.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

from portal.security import CONTENT_SECURITY_POLICY  # noqa: E402, F401

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "plain"},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # 404 and 403 are readers' mistakes; a robot's walk would fill the log.
        "django.request": {"level": "ERROR"},
        # A hostile Host header or a bad request is the visitor's mistake.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.server": {"level": "WARNING"},
    },
}

# The operator's first account and demo content, read by `manage.py first_run`
ADMIN_USER = env.str("ADMIN_USER", default="") or "admin"
ADMIN_PASSWORD = env.str("ADMIN_PASSWORD", default="")
DEMO = _bool("DEMO", default=not _database_url and not IS_PUBLIC)
DEMO_PASSWORD = env.str("DEMO_PASSWORD", default="")
