"""Addresses."""

from django.urls import include, path

from vetting.health import healthz, readyz

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("", include("vetting.dashboard.urls")),
]
