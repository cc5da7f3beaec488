"""Practice Twitter: an HTTP stand-in for Twitter with its API and the few pages a person uses. For the demo, development and tests.

It ships with the product, invents every person in it, and never talks to the real service.
"""

from vetting.twitter.sandbox.ledger import Call
from vetting.twitter.sandbox.server import Running, make_app, serve
from vetting.twitter.sandbox.signing import Keys, keys, secret_in
from vetting.twitter.sandbox.state import SandboxProfile
from vetting.twitter.sandbox.world import World

__all__ = ["Call", "Keys", "Running", "SandboxProfile", "World", "keys", "make_app", "secret_in", "serve"]
