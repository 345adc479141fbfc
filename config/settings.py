"""Settings: an embedded default, and a service profile that differs only by the environment.

``PRODUCTION=1`` refuses to start without its secrets. ``docs/settings.md`` lists every variable.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from celery.schedules import schedule
from django.utils.translation import gettext_lazy as _

from config import content_policy, database_options, file_storages
from config.environment import hours_between, kept_secret, refuse_missing_secrets, signing_key

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
PRODUCTION = env.bool("PRODUCTION", default=False)
if PRODUCTION:
    refuse_missing_secrets()
DEBUG = env.bool("DEBUG", default=False)
DEMO = env.bool("DEMO", default=False)

DATA_DIR = Path(env("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
PORT = env.int("PORT", default=8000)
PUBLIC_URL = env("PUBLIC_URL", default=f"http://127.0.0.1:{PORT}").rstrip("/")

SECRET_KEY = env("SECRET_KEY", default="") or kept_secret(DATA_DIR / "keys" / "secret-key")
REGISTER_SIGNING_KEY = env("REGISTER_SIGNING_KEY", default="")
REGISTER_SIGNING_KEY_ID = env.int("REGISTER_SIGNING_KEY_ID", default=1)
REGISTER_PUBLIC_KEYS: dict[int, str] = {
    int(key_id): key for key_id, key in env.dict("REGISTER_PUBLIC_KEYS", default={}).items()
}
# The server's signature on certificates, and the authorities whose signatures count.
SIGNING_PKCS12, SIGNING_PASSPHRASE, SIGNING_TRUST = signing_key(DATA_DIR / "keys", demo=DEMO)
SIGNING_TIMESTAMP_URL = env("SIGNING_TIMESTAMP_URL", default="")

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[]) or [
    urlsplit(PUBLIC_URL).hostname,
    "127.0.0.1",
    "localhost",
    "[::1]",
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
# How many reverse proxies add to X-Forwarded-For; what a client writes there itself counts nothing.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=1 if PRODUCTION else 0)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PRODUCTION else None
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https:")
SECURE_HSTS_SECONDS = 31_536_000 if PUBLIC_URL.startswith("https:") else 0
SECURE_SSL_REDIRECT = False  # the reverse proxy redirects; health checks speak plain HTTP
SECURE_REFERRER_POLICY = "strict-origin-when-cross-origin"  # YouTube's player needs an origin
X_FRAME_OPTIONS = "SAMEORIGIN"  # Wagtail shows previews in a frame
SILENCED_SYSTEM_CHECKS = [
    "security.W005",  # the province's other subdomains are not ours to force to HTTPS
    "security.W008",  # see SECURE_SSL_REDIRECT
    "security.W019",  # see X_FRAME_OPTIONS
    "security.W021",  # nor is the browsers' preload list
]

INSTALLED_APPS = [
    *(["demo"] if DEMO else []),
    "cms",
    "reports",
    "quizzes",
    "certificates",
    "courses",
    "people",
    "agencies",
    "jobs",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "wagtailmedia",
    "modelcluster",
    "taggit",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "simple_history",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "health_check",
    "csp",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "config.middleware.AdminContentPolicyMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.middleware.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.middleware.ClosedByDefaultMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Database -------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
EMBEDDED_DATABASE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
DATABASES["default"]["OPTIONS"] = (
    database_options.sqlite()
    if EMBEDDED_DATABASE
    else database_options.postgresql(
        most=env.int("DATABASE_POOL", default=10),
        prepared=env.bool("DATABASE_PREPARED", default=True),
    )
)
# A connection of the pool that a restart of the database has cut is found before it is used.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Broker ---------------------------------------------------------------------------------------
BROKER_DIR = DATA_DIR / "broker"
CELERY_BROKER_URL = env("CELERY_BROKER_URL", default="filesystem://localhost")
EMBEDDED_BROKER = CELERY_BROKER_URL.startswith("filesystem:")
if EMBEDDED_BROKER:
    for folder in ("messages", "processed", "control"):
        (BROKER_DIR / folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER_DIR / "messages"),
        "data_folder_out": str(BROKER_DIR / "messages"),
        "processed_folder": str(BROKER_DIR / "processed"),
        "control_folder": str(BROKER_DIR / "control"),
        "polling_interval": 0.1,
    }
SWEEP_SECONDS = env.int("SWEEP_SECONDS", default=15 if EMBEDDED_BROKER else 60)
# Two installations on one broker (service and training, say) must not take each other's work.
CELERY_TASK_DEFAULT_QUEUE = env("CELERY_TASK_DEFAULT_QUEUE", default="iso")
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
# A request waits no longer than this for a broker that is down; the sweep needs no message.
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.2}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "Asia/Ho_Chi_Minh"
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Beat within the worker sleeps so long before it notices that it is asked to stop.
CELERY_BEAT_MAX_LOOP_INTERVAL = 1
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")
CELERY_BEAT_SCHEDULE = {
    "sweep": {
        "task": "jobs.tasks.sweep",
        "schedule": schedule(SWEEP_SECONDS),
        # A sweep that waited longer than its interval is covered by the next one.
        "options": {"expires": SWEEP_SECONDS},
    }
}

# --- Cache, sessions ------------------------------------------------------------------------------
if cache_url := env("CACHE_URL", default=""):
    CACHES = {"default": env.cache_url_config(cache_url)}
    if CACHES["default"]["BACKEND"] == "django.core.cache.backends.redis.RedisCache":
        CACHES["default"]["BACKEND"] = "jobs.redis_cache.RedisCache"
else:
    # Files, because throttles must be shared by threads and survive a restart.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": str(DATA_DIR / "cache"),
            # Beyond this a third is thrown away, and what was throttled is forgotten.
            "OPTIONS": {"MAX_ENTRIES": 10_000},
        }
    }
CACHES["default"]["KEY_PREFIX"] = env("CACHE_PREFIX", default="")
# What follows from templates and settings alone, for as long as the process lives.
CACHES["process"] = {
    "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
    "TIMEOUT": None,
}
SESSION_ENGINE = "people.session_store"
SESSIONS_CACHED = bool(cache_url)

# --- Files ----------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", default=str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media" if "DATA_DIR" in os.environ else BASE_DIR / "media"
files_url = env("FILES_URL", default="")
STORAGES = {
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        )
    },
    **(
        file_storages.bucket(files_url, media_url=MEDIA_URL)
        if files_url
        else file_storages.folders(DATA_DIR / "private")
    ),
}
WHITENOISE_USE_FINDERS = not PRODUCTION
if not PRODUCTION:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns of a folder it lacks
# Hashed names are immutable whatever this says; modules imported by scripts have none.
WHITENOISE_MAX_AGE = 60
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # Wagtail's page forms are long

# --- Languages, time ------------------------------------------------------------------------------
LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", _("Vietnamese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "vietnamese.formats"
USE_THOUSAND_SEPARATOR = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True

# --- Accounts -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "courses:mine"
ACCOUNT_ADAPTER = "people.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
# A whole office logs in from one address on the day of a test; one account is guessed slowly.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "100/m/ip,5/300s/key"}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/"

# --- Mail -----------------------------------------------------------------------------------------
if "EMAIL_URL" in os.environ:
    vars().update(env.email_url("EMAIL_URL"))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = str(DATA_DIR / "mail")
EMAIL_TIMEOUT = 30  # seconds; within the lease of ``jobs.mailing``
DEFAULT_FROM_EMAIL = env("DEFAULT_FROM_EMAIL", default="iso@localhost")
# No mail to people in these hours; security mails go out at any.
QUIET_HOURS = hours_between(env("QUIET_HOURS", default="21:00-06:30"))
MAIL_TEXT_DAYS = env.int("MAIL_TEXT_DAYS", default=180)
# How many days before the last day of a run its learners are reminded, and how often afterwards.
REMIND_DAYS_BEFORE = env.list("REMIND_DAYS_BEFORE", cast=int, default=[7, 1])
REMIND_DAYS_LATE = env.list("REMIND_DAYS_LATE", cast=int, default=[1, 7])
# On which days focal points are told who is late: Monday is 1; none is "".
DIGEST_DAYS = env.list("DIGEST_DAYS", cast=int, default=[1])

# --- Wagtail --------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = "ISO 9001"
WAGTAILADMIN_BASE_URL = PUBLIC_URL
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAIL_FRONTEND_LOGIN_URL = "/accounts/login/"
WAGTAIL_GRAVATAR_PROVIDER_URL = None  # no foreign server learns who works here
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_PASSWORD_RESET_ENABLED = False  # allauth does it
WAGTAIL_WORKFLOW_ENABLED = True
WAGTAIL_ALLOW_UNICODE_SLUGS = False
WAGTAIL_DATE_FORMAT = "%d/%m/%Y"
WAGTAIL_DATETIME_FORMAT = "%d/%m/%Y %H:%M"
# Nobody chooses another: the day of a decision and the year of a number are those of Vietnam.
WAGTAIL_USER_TIME_ZONES = [TIME_ZONE]
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "wagtail.search.backends.database"}}
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILMEDIA = {"MEDIA_MODEL": "courses.Clip"}
TAGGIT_CASE_INSENSITIVE = True

# --- API ------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["jobs.problems.JSONInput"],
    "EXCEPTION_HANDLER": "jobs.problems.answer",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "DEFAULT_THROTTLE_RATES": {"look_up": env("LOOK_UP_RATE", default="30/min")},
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
# Of one person, whatever the address: saving answers, starting and submitting, reading.
API_RATES = {
    "save": env("API_SAVE_RATE", default="120/min"),
    "act": env("API_ACT_RATE", default="30/min"),
    "read": env("API_READ_RATE", default="120/min"),
}
SPECTACULAR_SETTINGS = {
    "TITLE": "ISO training and assessment",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
}

# --- What browsers may load -----------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {"DIRECTIVES": content_policy.SITE}
PERMISSIONS_POLICY = content_policy.PERMISSIONS

# --- Logging --------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env("LOG_LEVEL", default="WARNING")},
}
