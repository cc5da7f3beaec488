"""Practice Twitter: an HTTP stand-in for Twitter with its API and the few pages a person uses. For the demo, development and tests.

It ships with the product, invents every person in it, and never talks to the real service.
"""

from vetting.twitter.sandbox.server import Running, make_app, serve
from vetting.twitter.sandbox.signing import Keys, keys, secret_in
from vetting.twitter.sandbox.world import SandboxProfile, World

__all__ = ["Keys", "Running", "SandboxProfile", "World", "keys", "make_app", "secret_in", "serve"]
