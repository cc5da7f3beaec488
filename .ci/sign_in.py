#!/usr/bin/env python3
"""Signs in to a running register as the person of first_person.py, as a browser would: `.ci/sign_in.py http://127.0.0.1:8000`."""

import http.cookiejar
import re
import sys
import urllib.parse
import urllib.request


def sign_in(address: str) -> None:
    """Raises SystemExit when the register does not let them in."""
    jar = http.cookiejar.CookieJar()
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = browser.open(f"{address}/sign-in/login/", timeout=20).read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    if token is None:
        raise SystemExit("The sign-in page has no form.")
    answers = {"csrfmiddlewaretoken": token[1], "login": "check@check.test", "password": "a pass phrase for the check"}
    request = urllib.request.Request(
        f"{address}/sign-in/login/", urllib.parse.urlencode(answers).encode(), headers={"Referer": f"{address}/sign-in/login/"}
    )
    inside = browser.open(request, timeout=20)
    if not any("sessionid" in cookie.name for cookie in jar):
        raise SystemExit(f"Not signed in: {inside.geturl()} says {inside.status}.")
    today = browser.open(f"{address}/", timeout=20)
    if "/sign-in/login" in today.geturl() or today.status != 200:
        raise SystemExit(f"Signed in, but Today leads to {today.geturl()}.")
    print(f"Signed in; {today.geturl()} answers.")


if __name__ == "__main__":
    sign_in(sys.argv[1].rstrip("/"))
