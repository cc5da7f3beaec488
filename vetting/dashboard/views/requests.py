"""Requests to follow."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
