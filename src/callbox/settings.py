"""Django settings, read from the environment by `callbox.running.config`.

`docs/operate/settings.md` lists every variable; a test keeps that page and this file equal.
"""

import os
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

BASE_DIR = Path(__file__).resolve().parent
HOME = Path(os.environ.get("CALLBOX_HOME", ".callbox")).resolve()

CALLBOX_PRACTICE = os.environ.get("CALLBOX_PRACTICE", "") == "1"
DEBUG = False
ALLOWED_HOSTS = os.environ.get("CALLBOX_HOSTS", "127.0.0.1,localhost,[::1]").split(",")


def _secret(name: str) -> str:
    """A secret from the environment, else from its file in `$CALLBOX_HOME/secrets`."""
    value = os.environ.get(name, "")
    path = HOME / "secrets" / name.lower()
    if not value and path.is_file():
        value = path.read_text().strip()
    return value


SECRET_KEY = _secret("CALLBOX_SECRET_KEY") or "unset-and-refused-by-serve"
CALLBOX_ENCRYPTION_KEY = _secret("CALLBOX_ENCRYPTION_KEY")
CALLBOX_SIGNING_KEY = _secret("CALLBOX_SIGNING_KEY")


def _database(url: str) -> dict[str, object]:
    """A Django database entry from `postgresql://user:password@host:port/name?option=value`.

    The host may be a percent-encoded folder: a unix socket.
    """
    parts = urlsplit(url)
    options: dict[str, object] = dict(parse_qsl(parts.query))
    role = os.environ.get("CALLBOX_ASSUME_ROLE", "")
    if role:
        options["assume_role"] = role
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or options.pop("host", "") or ""),  # type: ignore[arg-type]  # a string
        "PORT": str(parts.port or options.pop("port", "") or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
        "TEST": {"NAME": os.environ.get("CALLBOX_TEST_DATABASE") or None},
    }


DATABASES = {"default": _database(os.environ.get("DATABASE_URL", "postgresql:///callbox"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django_htmx",
    "procrastinate.contrib.django",
    "callbox",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "callbox.urls"
WSGI_APPLICATION = None
AUTH_USER_MODEL = "callbox.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/staff/"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "web" / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "context_processors": ["django.template.context_processors.request"],
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("es", "Español"),
    ("pl", "Polski"),
    ("zh-hans", "中文"),
    ("ar", "العربية"),
]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "web" / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
MEDIA_ROOT = HOME / "media"

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = not CALLBOX_PRACTICE
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SECURE = not CALLBOX_PRACTICE
CSRF_COOKIE_HTTPONLY = True
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

PROCRASTINATE_IMPORT_PATHS = ["callbox.jobs"]
PROCRASTINATE_ON_APP_READY = None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("CALLBOX_LOG_LEVEL", "WARNING")},
}
