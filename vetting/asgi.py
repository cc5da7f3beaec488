"""The same door for asynchronous servers. Nothing of ours is asynchronous."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vetting.settings")
application = get_asgi_application()
