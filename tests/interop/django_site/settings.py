"""The smallest Django site whose users come from the provider, by mozilla-django-oidc. What concerns it stands below the line."""

import os

SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]
ALLOWED_HOSTS = ["localhost"]
ROOT_URLCONF = "urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DJANGO_DATABASE"]}}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"]},
}
ORIGIN = os.environ.get("ORIGIN", "http://localhost:3000")

# --- the provider

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "mozilla_django_oidc",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "mozilla_django_oidc.middleware.SessionRefresh",
]
AUTHENTICATION_BACKENDS = ["sign_in.ProviderBackend"]
LOGIN_URL = "oidc_authentication_init"
LOGOUT_REDIRECT_URL = "/"

ISSUER = os.environ.get("ISSUER", "http://localhost:8400")
OIDC_OP_AUTHORIZATION_ENDPOINT = f"{ISSUER}/idp/profile/oidc/authorize"
OIDC_OP_TOKEN_ENDPOINT = f"{ISSUER}/idp/profile/oidc/token"
OIDC_OP_USER_ENDPOINT = f"{ISSUER}/idp/profile/oidc/userinfo"
OIDC_OP_JWKS_ENDPOINT = f"{ISSUER}/idp/profile/oidc/jwks"
OIDC_OP_LOGOUT_URL_METHOD = "sign_in.logout_address"

OIDC_RP_CLIENT_ID = "django"
OIDC_RP_CLIENT_SECRET = os.environ.get("CLIENT_SECRET", "change-me-in-16-signs-or-more")
OIDC_RP_SCOPES = "openid profile ect.scope.cnx"
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_TOKEN_USE_BASIC_AUTH = True
OIDC_USE_PKCE = True
OIDC_STORE_ID_TOKEN = True
