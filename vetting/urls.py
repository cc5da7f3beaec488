"""Addresses."""

from django.urls import include, path

urlpatterns = [path("", include("vetting.dashboard.urls"))]
