"""Setting the school up."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
