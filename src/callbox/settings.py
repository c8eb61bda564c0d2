"""Django settings, read from the environment by `callbox.running.config`.

`docs/operate/settings.md` lists every variable; a test keeps that page and the list equal.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from callbox.running import config, keys
from callbox.running.database import entry

_config = config.load(os.environ)

BASE_DIR = Path(__file__).resolve().parent
HOME = _config.home

CALLBOX_PRACTICE = _config.practice
CALLBOX_URL = _config.url or _config.address
CALLBOX_WEB_THREADS = _config.web_threads
DEBUG = False
ALLOWED_HOSTS = [
    *config.LOOPBACK_HOSTS,
    *([urlsplit(_config.url).hostname or ""] if _config.url else []),
    *_config.hosts,
]
CSRF_TRUSTED_ORIGINS = [_config.url] if _config.url else []

SECRET_KEY = keys.value(_config, "CALLBOX_SECRET_KEY") or "unset-and-refused-by-serve"
CALLBOX_ENCRYPTION_KEY = keys.value(_config, "CALLBOX_ENCRYPTION_KEY")
CALLBOX_OLD_ENCRYPTION_KEYS = _config.old_encryption_keys
CALLBOX_SIGNING_KEY = keys.value(_config, "CALLBOX_SIGNING_KEY")

DATABASES = {"default": entry(_config)}
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
    # Pages shrink to a sixth for half a millisecond; random padding keeps lengths from telling.
    "django.middleware.gzip.GZipMiddleware",
    "callbox.web.headers.Headers",
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
            "libraries": {"ui": "callbox.web.templatetags.ui"},
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
CALLBOX_MOST_MEDIA_BYTES = _config.media_mb * 1024 * 1024

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = not CALLBOX_PRACTICE
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_SECURE = not CALLBOX_PRACTICE
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "callbox.web.errors.stale_form"
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
    "filters": {"not_health": {"()": "callbox.web.health.NotHealth"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["not_health"],
        }
    },
    # These write whole addresses down, and some networks want a token in the address.
    "loggers": {name: {"level": "WARNING"} for name in ("httpx", "httpcore")},
    "root": {"handlers": ["stderr"], "level": _config.log_level},
}
