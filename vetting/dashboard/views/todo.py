"""To do on Twitter."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
