"""All settings, in the order of Django's documentation.

The environment is read here and nowhere else; .env.example lists every
variable. A site whose BIND or SITE_URL is not loopback is *public* and refuses
to start unsafe, naming the variable.
"""

import ipaddress
import re
import warnings
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from portal.secret import is_open_to_all, read_or_make_secret

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _str(name: str, default: str = "") -> str:
    """Return what is set; a variable that is set to nothing is not set."""
    return env.str(name, default="") or default


def _list(name: str, default: str = "") -> list[str]:
    return [part.strip() for part in _str(name, default).split(",") if part.strip()]


def _int(name: str, default: int, low: int, high: int) -> int:
    text = _str(name, str(default))
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise ImproperlyConfigured(
            f"{name}={text!r} phải là số từ {low} đến {high}, ví dụ {name}={default}."
        )
    return int(text)


def _bool(name: str, default: bool = False) -> bool:
    text = _str(name, "1" if default else "0").lower()
    if text not in ("0", "1", "true", "false", "on", "off", "yes", "no"):
        raise ImproperlyConfigured(f"{name}={text!r} phải là 0 hoặc 1.")
    return text in ("1", "true", "on", "yes")


def _networks(name: str, default: str = "") -> list:
    try:
        return [ipaddress.ip_network(part) for part in _list(name, default)]
    except ValueError as error:
        raise ImproperlyConfigured(
            f"{name}: {error}. Ví dụ {name}=203.0.113.0/24,2001:db8:1::/48."
        ) from error


# Where it listens and what it is called from outside
BIND = _str("BIND", "127.0.0.1")
PORT = _int("PORT", 8000, 1, 65535)
_url_host = f"[{BIND}]" if ":" in BIND else BIND
SITE_URL = _str("SITE_URL", f"http://{_url_host}:{PORT}").rstrip("/")
try:
    _site = urlsplit(SITE_URL)
except ValueError:
    _site = urlsplit("")
if _site.scheme not in ("http", "https") or not _site.hostname or _site.path:
    raise ImproperlyConfigured(
        f"SITE_URL={SITE_URL!r} phải có dạng https://ten-mien.gov.vn, không có đường "
        "dẫn phía sau."
    )
SITE_IS_LOCAL = _is_loopback(_site.hostname)
IS_PUBLIC = not (_is_loopback(BIND) and SITE_IS_LOCAL)
IS_HTTPS = _site.scheme == "https"

# Everything that must be kept lies in one folder
DATA_DIR = Path(_str("DATA_DIR") or BASE_DIR / "var").resolve()
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

SECRET_KEY = _str("SECRET_KEY")


def _is_weak(key: str) -> bool:
    # Ten different signs: 32 random ones hardly ever have fewer than 20.
    is_monotonous = len(key) < 32 or len(set(key)) < 10
    return is_monotonous or key.startswith("django-insecure-")


if IS_PUBLIC and _is_weak(SECRET_KEY):
    raise ImproperlyConfigured(
        "SECRET_KEY phải được đặt (ít nhất 32 ký tự ngẫu nhiên) trên cổng công khai."
    )
if not SECRET_KEY:
    SECRET_KEY = read_or_make_secret(DATA_DIR / "secret_key")
# Keys before this one: what they signed and sealed stays good until they are left out.
SECRET_KEY_FALLBACKS = _list("SECRET_KEY_FALLBACKS")
if IS_PUBLIC and any(map(_is_weak, SECRET_KEY_FALLBACKS)):
    raise ImproperlyConfigured(
        "SECRET_KEY_FALLBACKS: mỗi khoá cũ phải có ít nhất 32 ký tự ngẫu nhiên; hãy bỏ "
        "khoá yếu."
    )

# Loopback always: health checks on the host itself. No absolute link uses Host.
ALLOWED_HOSTS = [
    *(_list("ALLOWED_HOSTS") or [_site.hostname]),
    *("localhost", "127.0.0.1", "[::1]"),
]
# ".vn" would let in half the country: a domain with all below it has two dots at least.
if IS_PUBLIC and any(
    "*" in host or (host.startswith(".") and host.count(".") < 2)
    for host in ALLOWED_HOSTS
):
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

# Visits (docs/visits.md)
# Whoever reads from these networks is staff and no visitor.
STATS_OFFICE_NETWORKS = _networks("STATS_OFFICE_NETWORKS")
# Readers who send GPC or DNT: True counts their reports apart, without any hash.
STATS_HONOUR_PRIVACY_SIGNALS = _bool("STATS_HONOUR_PRIVACY_SIGNALS")
# Visits that may begin at one address within half an hour, five views for each;
# more is called suspect. 0: no limit.
STATS_VISITS_PER_ADDRESS = _int("STATS_VISITS_PER_ADDRESS", 60, 0, 1_000_000)

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
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
]

# Public pages need the first six only; sessions, users, CSRF and messages cost
# nothing there, because nothing in a public view or template touches them.
MIDDLEWARE = [
    "portal.logs.RequestMiddleware",  # what the others say has the request's id
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.security.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.unavailable.DatabaseAwayMiddleware",
    "django.middleware.common.CommonMiddleware",
    "portal.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "portal.overload.OverloadMiddleware",  # a form it hands back has its token
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.audit.context.AuditMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "portal.sessions.middleware.DoorMiddleware",
    "stats.staff.NoCountMiddleware",
    "axes.middleware.AxesMiddleware",  # the answer of a lockout, in place of the form
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
_database_url = _str("DATABASE_URL")
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
            "PRAGMA cache_size=-2000;"  # KiB, of each connection: docs/performance.md
            "PRAGMA temp_store=MEMORY;"
        ),
    }
elif _database["ENGINE"].endswith("postgresql"):
    _database["CONN_MAX_AGE"] = 60  # seconds
    _database["CONN_HEALTH_CHECKS"] = True
    _database["OPTIONS"] = {
        "connect_timeout": 3,  # seconds
        # At once, but by no other cursor than that of news.compiled.
        "prepare_threshold": 0,
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
# Accounts of this machine that are not the portal's read neither drafts nor hashes of
# passwords; portal.serve makes files for the owner and his group.
for _file in (DATA_DIR / "portal.sqlite3", DATA_DIR / "secret_key"):
    if IS_PUBLIC and is_open_to_all(_file):
        raise ImproperlyConfigured(
            f"DATA_DIR: ai có tài khoản trên máy cũng đọc được {str(_file)!r}; hãy "
            f"chạy chmod o-rwx {str(DATA_DIR)!r}."
        )
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# People
AUTH_USER_MODEL = "portal.User"
AUTHENTICATION_BACKENDS = ["portal.sessions.lockout.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"portal.passwords.{name}"}
    for name in ("Characters", "Length", "NotCommon", "NotOneself")
]
# Accounts that nobody signs in to for so long are disabled; 0: never.
ACCOUNT_IDLE_DAYS = _int("ACCOUNT_IDLE_DAYS", 45, 0, 3650)

# Failed sign-ins, of one name from one address and of one address with any names,
# within so many minutes; then it has to wait as long (portal.sessions.lockout).
LOCKOUT_FAILURES = _int("LOCKOUT_FAILURES", 5, 1, 1000)
LOCKOUT_ADDRESS_FAILURES = _int("LOCKOUT_ADDRESS_FAILURES", 50, 1, 100_000)
LOCKOUT_MINUTES = _int("LOCKOUT_MINUTES", 15, 1, 1440)
AXES_HANDLER = "portal.sessions.lockout.Handler"
AXES_CLIENT_IP_CALLABLE = "portal.sessions.lockout.address_of"
AXES_USERNAME_CALLABLE = "portal.sessions.lockout.name_of"
AXES_LOCKOUT_CALLABLE = "portal.sessions.lockout.answer"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True  # the audit log has sign-ins already
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False
LOGIN_URL = "admin:login"
OTP_TOTP_ISSUER = _site.hostname  # what an app writes above the code

# Mail, for notices of the newsroom; without EMAIL_URL none is sent
_email_url = _str("EMAIL_URL")
SENDS_MAIL = bool(_email_url)
if SENDS_MAIL:
    try:
        _email = environ.Env.email_url_config(_email_url)
        if (
            not urlsplit(_email_url).scheme.startswith("smtp")
            or not _email["EMAIL_HOST"]
        ):
            raise ValueError("no mail server")
    except Exception as error:
        raise ImproperlyConfigured(
            "EMAIL_URL không đọc được; ví dụ "
            "EMAIL_URL=smtp+tls://nguoi_dung:mat_khau@thu.tinh.gov.vn:587."
        ) from error
    EMAIL_HOST = _email["EMAIL_HOST"]
    EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
    EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
    EMAIL_PORT = _email["EMAIL_PORT"] or (
        587 if EMAIL_USE_TLS else 465 if EMAIL_USE_SSL else 25
    )
    EMAIL_HOST_USER = _email["EMAIL_HOST_USER"] or ""
    EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"] or ""
else:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
EMAIL_TIMEOUT = 10  # seconds for each answer of the server
DEFAULT_FROM_EMAIL = _str("EMAIL_FROM", f"khong-tra-loi@{_site.hostname}")
if not re.fullmatch(r"[^\s<>@,]+@[^\s<>@,]+", parseaddr(DEFAULT_FROM_EMAIL)[1]) or (
    set(DEFAULT_FROM_EMAIL) & {"\r", "\n"}
):
    raise ImproperlyConfigured(
        f"EMAIL_FROM={DEFAULT_FROM_EMAIL!r} phải là một địa chỉ thư, ví dụ "
        "EMAIL_FROM=khong-tra-loi@tinh.gov.vn."
    )

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
STATIC_ROOT = Path(_str("STATIC_ROOT") or BASE_DIR / "staticfiles")
# What lies below STATIC_ROOT anybody may read: never the data, or a part of it.
_static = STATIC_ROOT.resolve()
_kept = [
    DATA_DIR,
    *(DATA_DIR / name for name in ("media", "pages", "private", "spool")),
]
if any(_static == kept or _static in kept.parents for kept in _kept) or any(
    kept in _static.parents for kept in _kept[1:]
):
    raise ImproperlyConfigured(
        f"STATIC_ROOT={str(STATIC_ROOT)!r} không được chứa DATA_DIR hay nằm trong một "
        f"thư mục riêng của nó, ví dụ STATIC_ROOT={DATA_DIR / 'static'}."
    )
STATICFILES_DIRS = [BASE_DIR / "static"]
# A map of the editor's source is half of all bytes and asked for by a debugger alone:
# to compress it takes half of the first start's wait for these files.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (*Compressor.SKIP_COMPRESS_EXTENSIONS, "map")
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {
        "BACKEND": "news.storage.WholeFileStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "base_url": MEDIA_URL},
    },
    "private": {
        "BACKEND": "news.storage.WholeFileStorage",
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
DATA_UPLOAD_MAX_NUMBER_FILES = 100
MAX_IMAGE_UPLOAD_BYTES = 30 * 2**20  # a camera's largest JPEG
MAX_ATTACHMENT_BYTES = 50 * 2**20

# Processes, and requests of each kind worked on at once in each (portal.overload).
WORKERS = _int("WORKERS", 2, 1, 64)
THREADS = _int("THREADS", 4, 1, 64)
# The watcher and housekeeping threads of portal.wsgi, and connections that go with
# requests (portal.lending); in tests there are none.
BACKGROUND_THREADS = True

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
# Finished pages kept by each worker process: about 1,000 pages of 60 KB in
# three encodings.
PAGE_CACHE_BYTES = _int("PAGE_CACHE_MB", 64, 0, 4096) * 2**20
# The same as files for nginx, all workers together; without an nginx that reads them
# (deploy/nginx.conf) they would be written for nobody.
PAGE_DISK_BYTES = _int("PAGE_DISK_MB", 0, 0, 2**20) * 2**20
PAGES_DIR = DATA_DIR / "pages"

# Cookies exist in the back office only; the path keeps them from public pages.
SESSION_COOKIE_PATH = "/admin/"
CSRF_COOKIE_PATH = "/admin/"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
# How long somebody stays signed in: without doing anything, and altogether.
SESSION_ENGINE = "portal.sessions.store"
SESSION_IDLE_MINUTES = _int("SESSION_IDLE_MINUTES", 30, 1, 1440)
SESSION_HOURS = _int("SESSION_HOURS", 12, 1, 168)
SESSION_COOKIE_AGE = SESSION_HOURS * 3600  # seconds
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_TRUSTED_ORIGINS = [SITE_URL]
CSRF_FAILURE_VIEW = "portal.views.csrf_failure"

# Security headers; portal.security adds what Django and django-csp lack.
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
)
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 365 * 86400 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = False  # the owner of the whole domain decides that
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Not django's W021: preload is the domain owner's decision, see above.
SILENCED_SYSTEM_CHECKS = ["security.W021"]

# Whom to tell of a weakness, in /.well-known/security.txt (RFC 9116)
SECURITY_CONTACT = _str("SECURITY_CONTACT")
if SECURITY_CONTACT and not re.fullmatch(
    r"(?:mailto:[^\s@]+@|https://|tel:\+)[!-~]+", SECURITY_CONTACT
):
    raise ImproperlyConfigured(
        f"SECURITY_CONTACT={SECURITY_CONTACT!r} phải bắt đầu bằng mailto:, https:// "
        "hoặc tel:+, ví dụ SECURITY_CONTACT=mailto:an-toan@tinh.gov.vn."
    )

from portal.security import CONTENT_SECURITY_POLICY  # noqa: E402, F401

# /metrics for Prometheus: off, and then for these networks only
METRICS = _bool("METRICS")
METRICS_NETWORKS = _networks("METRICS_NETWORKS", "127.0.0.0/8,::1/128")

# Lines of JSON for machines, or plain ones for people (portal.logs)
LOG_FORMAT = _str("LOG_FORMAT", "json" if IS_PUBLIC else "plain")
if LOG_FORMAT not in ("json", "plain"):
    raise ImproperlyConfigured(f"LOG_FORMAT={LOG_FORMAT!r} phải là json hoặc plain.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {
            "()": "portal.logs.PlainFormatter",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        },
        "json": {"()": "portal.logs.JsonFormatter"},
    },
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT},
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        # 404 and 403 are readers' mistakes; a robot's walk would fill the log.
        "django.request": {"level": "ERROR"},
        # A hostile Host header or a bad request is the visitor's mistake.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "django.server": {"level": "WARNING"},
        # A line for each request of the back office is for machines.
        "portal.access": {"level": "INFO" if LOG_FORMAT == "json" else "WARNING"},
        # It names accounts and addresses; the audit log keeps what is to be kept.
        "axes": {"level": "ERROR"},
    },
}

# The operator's first account and demo content, read by `manage.py first_run`
ADMIN_USER = _str("ADMIN_USER", "admin")
ADMIN_PASSWORD = _str("ADMIN_PASSWORD")
DEMO = _bool("DEMO", default=not _database_url and not IS_PUBLIC)
DEMO_PASSWORD = _str("DEMO_PASSWORD")
if IS_PUBLIC and DEMO and DEMO_PASSWORD:
    raise ImproperlyConfigured(
        "DEMO_PASSWORD không được phép cùng DEMO=1 trên cổng công khai: bốn tài khoản "
        "mẫu có tên ai cũng biết."
    )
