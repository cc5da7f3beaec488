"""One way out: every TLS connection we open trusts the system's certificate store, or CA_BUNDLE where a proxy inspects."""

import ssl
from typing import Any

import requests
import truststore
from django.conf import settings
from requests.adapters import HTTPAdapter


def tls_context() -> ssl.SSLContext:
    """A client context that verifies names and chains.

    Raises:
        ssl.SSLError, OSError: CA_BUNDLE names a file that cannot be used.
    """
    if settings.CA_BUNDLE:
        return ssl.create_default_context(cafile=settings.CA_BUNDLE)
    return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def explain_tls_failure(host: str) -> str:
    """What to tell the Technician when a certificate was refused."""
    source = f"the certificates in CA_BUNDLE ({settings.CA_BUNDLE})" if settings.CA_BUNDLE else "this computer's certificate store"
    return (
        f"The certificate of {host} is not trusted by {source}. If your school's network inspects encrypted traffic, "
        "set CA_BUNDLE to the file with the network's own certificate."
    )


class TrustedAdapter(HTTPAdapter):
    """requests with `tls_context` instead of its own list of certificates."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> Any:
        return super().init_poolmanager(*args, ssl_context=tls_context(), **kwargs)


def http_session(session: requests.Session | None = None) -> requests.Session:
    """A requests session (or the given one) that opens TLS through `tls_context` and ignores .netrc."""
    session = session or requests.Session()
    session.mount("https://", TrustedAdapter())
    return session
