"""What a person does on Twitter's own pages, with the link, the button and one sentence. Pure.

X recommends the link by number: it survives a change of name. Without a number the name must do.
"""

from vetting.twitter.port import ManualAction
from vetting.values import Handle, TwitterUserId


def person_page(pages_url: str, user_id: TwitterUserId | None, handle: Handle) -> str:
    return f"{pages_url}/intent/user?user_id={user_id}" if user_id is not None else f"{pages_url}/{handle.value}"


def requests_page(pages_url: str) -> str:
    """Twitter's own list of everybody who waits."""
    return f"{pages_url}/follower_requests"


def accept(pages_url: str, user_id: TwitterUserId | None, handle: Handle) -> ManualAction:
    sentence = f"On Twitter, press “Accept” beside {handle}. If the page does not show it, look in the list of follow requests."
    return ManualAction(person_page(pages_url, user_id, handle), "Accept", sentence)


def deny(pages_url: str, user_id: TwitterUserId | None, handle: Handle) -> ManualAction:
    sentence = f"On Twitter, press “Decline” beside {handle}. If the page does not show it, look in the list of follow requests."
    return ManualAction(person_page(pages_url, user_id, handle), "Decline", sentence)


def remove_follower(pages_url: str, user_id: TwitterUserId | None, handle: Handle) -> ManualAction:
    sentence = f"On Twitter, open {handle} and choose “Remove this follower” from the menu behind the three dots."
    return ManualAction(person_page(pages_url, user_id, handle), "Remove this follower", sentence)
