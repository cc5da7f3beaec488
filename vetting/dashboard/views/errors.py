"""Pages for when something is wrong. They never say what went wrong inside; the log does."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern

urlpatterns: list[URLPattern] = []


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's protection token did not fit: usually a page left open overnight."""
    return render(request, "errors/form_expired.html", status=403)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return render(request, "errors/403.html", status=403)


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return render(request, "errors/404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """No database, no session: what broke may be one of them."""
    return render(None, "errors/500.html", status=500)
