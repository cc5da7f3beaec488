"""Security headers on every answer, errors and redirects included. Reads SECURE_CSP, Django 6's name for it."""

from collections.abc import Callable, Sequence

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def policy(**changes: Sequence[str]) -> str:
    """The Content-Security-Policy of every page, or of one that needs something more (`frame_src=["'self'"]`)."""
    directives = {**settings.SECURE_CSP, **{name.replace("_", "-"): sources for name, sources in changes.items()}}
    return "; ".join(" ".join([name, *sources]) for name, sources in directives.items())


class SecurityHeaders:
    """A strict Content-Security-Policy, and no copies of personal pages left in a shared browser."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.policy = policy()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.policy)
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if not request.path.startswith(settings.STATIC_URL):
            response.headers.setdefault("Cache-Control", "no-store")
        return response
