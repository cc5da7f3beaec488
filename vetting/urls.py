"""Addresses."""

from django.urls import include, path

from vetting.health import healthz, healthz_mail, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("healthz/mail", healthz_mail, name="healthz_mail"),
    path("readyz", readyz, name="readyz"),
    path("", include("vetting.dashboard.urls")),
    path("sign-in/", include("allauth.account.urls")),
    path("second-factor/", include("allauth.mfa.urls")),
]

handler403 = "vetting.dashboard.views.errors.forbidden"
handler404 = "vetting.dashboard.views.errors.not_found"
handler500 = "vetting.dashboard.views.errors.broken"
