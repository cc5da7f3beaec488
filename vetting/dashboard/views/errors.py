"""Pages for when something is wrong."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def form_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's protection token did not fit: usually a page left open overnight."""
    return render(request, "errors/form_expired.html", status=403)
