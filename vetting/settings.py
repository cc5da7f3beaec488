"""Django's settings. Everything that differs between installations comes through vetting.env."""

from vetting import env

env.read_dotenv()

BASE_DIR = env.BASE_DIR
DATA_DIR = env.data_dir()
DEMO = env.is_demo()
SITE_HOST = env.text("SITE_HOST")
BEHIND_HTTPS = bool(SITE_HOST) and not env.flag("PLAIN_HTTP")

SECRET_KEY = env.secret("SECRET_KEY")
# The first key encrypts, all of them decrypt: put a new one in front to rotate.
ENCRYPTION_KEYS = [key.strip() for key in env.secret("ENCRYPTION_KEYS").split(",")]
CA_BUNDLE = env.text("CA_BUNDLE")
# Places outside DATA_DIR from which folders of .eml files may be read.
MAIL_FOLDERS = env.words("MAIL_FOLDERS")
# Mail servers that are not public, by name or network. On one computer its own addresses are reached by nobody else.
MAIL_SERVERS_INSIDE = env.hosts("MAIL_SERVERS_INSIDE") + ([] if SITE_HOST else ["127.0.0.0/8", "::1/128"])
DEBUG = False
ALLOWED_HOSTS = [SITE_HOST] if SITE_HOST else ["127.0.0.1", "localhost", "[::1]", *env.words("EXTRA_HOSTS")]
if SITE_HOST:
    # The container's own health check asks from inside.
    ALLOWED_HOSTS += ["127.0.0.1", "localhost"]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    # For connecting a school's own Twitter account, and for nobody's sign-in: vetting.twitter.connecting.provider.
    "allauth.socialaccount",
    "django_htmx",
    "accounts",
    "vetting",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "vetting.headers.SecurityHeaders",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "vetting.dashboard.middleware.CurrentSchool",
]
ROOT_URLCONF = "vetting.urls"
WSGI_APPLICATION = "vetting.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vetting.dashboard.context.chrome",
            ],
            "builtins": ["vetting.dashboard.templatetags.register"],
        },
    }
]

DATABASES = {"default": env.database()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.text("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "demo" if DEMO else "register",
    }
    if REDIS_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "today"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.ClosedDoor"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
# Beside the sign-in's own limits: answers on the page behind a link to confirm a Twitter name.
ACCOUNT_RATE_LIMITS = {"confirm_twitter_name": "20/m/ip"}
SOCIALACCOUNT_ADAPTER = "vetting.twitter.connecting.provider.OnlyForTheSchool"
SOCIALACCOUNT_STORE_TOKENS = SOCIALACCOUNT_AUTO_SIGNUP = SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
MFA_ADAPTER = "accounts.adapter.EncryptedSecrets"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Known Followers"
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", 0)

SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_HTTPS
# The __Host- prefix binds a cookie to this host over HTTPS; browsers refuse it on plain HTTP. Cookies ignore ports,
# so the demo and a school on the same machine need names of their own.
_COOKIE_PREFIX = "__Host-" if BEHIND_HTTPS else ("demo_" if DEMO else "")
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrftoken"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "vetting.dashboard.views.errors.form_expired"
CSRF_TRUSTED_ORIGINS = [f"https://{SITE_HOST}"] if BEHIND_HTTPS else []
SECURE_SSL_REDIRECT = False  # the proxy in front does it; the health check inside speaks plain HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if BEHIND_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = BEHIND_HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": ["'none'"],
    "script-src": ["'self'"],
    "style-src": ["'self'"],
    "img-src": ["'self'", "data:"],
    "font-src": ["'self'"],
    "connect-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
    "manifest-src": ["'self'"],
}

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = False
DATE_FORMAT = "D j M Y"

STATIC_URL = "/static/"
STATIC_ROOT = env.text("STATIC_DIR", str(DATA_DIR / "static"))
STATICFILES_DIRS = [BASE_DIR / "vetting" / "dashboard" / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 30 * 1024 * 1024

DEFAULT_FROM_EMAIL = env.text("MAIL_FROM", "Known Followers <office@localhost>")
EMAIL_HOST = env.text("SMTP_HOST")
EMAIL_PORT = env.number("SMTP_PORT", 587)
EMAIL_HOST_USER = env.text("SMTP_USER")
EMAIL_HOST_PASSWORD = env.secret("SMTP_PASSWORD") if EMAIL_HOST_USER else ""
EMAIL_USE_TLS = env.flag("SMTP_STARTTLS", True)
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = str(DATA_DIR / "outgoing-mail")
# The demo's people are invented and its letters go nowhere, whatever mail server the installation has.
_SENDS = bool(EMAIL_HOST) and not DEMO
EMAIL_BACKEND = "vetting.correspondence.smtp.EmailBackend" if _SENDS else "django.core.mail.backends.filebased.EmailBackend"
# The beginning of the links in letters to families; empty: no letter with a link is written.
PUBLIC_URL = env.text("PUBLIC_URL", f"{'https' if BEHIND_HTTPS else 'http'}://{SITE_HOST}" if SITE_HOST else "").rstrip("/")

CELERY_BROKER_URL = REDIS_URL or "memory://this-process/"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"without_secret_links": {"()": "vetting.quiet.WithoutSecretLinks"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["without_secret_links"]}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO").upper()},
    "loggers": {
        # tweepy, its transport and the mail library print tokens and bodies when asked for DEBUG: they never are. What the sign-in
        # libraries log of an answer they cannot read holds the whole answer; the sentence we make of it says enough.
        "tweepy": {"level": "WARNING"},
        "urllib3": {"level": "WARNING"},
        "requests_oauthlib": {"level": "WARNING"},
        "oauthlib": {"level": "WARNING"},
        "imap_tools": {"level": "WARNING"},
        "msal": {"level": "CRITICAL"},
        "google": {"level": "CRITICAL"},
        "waitress": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
        "kombu": {"level": "WARNING"},
    },
}
