"""How many removals may begin now: the first few are seen on Twitter before the rest, then so many at a time. Pure."""


def may_begin(*, in_flight: int, read_back: int, first: int, batch: int) -> int:
    """How many more removals may be sent.

    Args:
        in_flight: sent, and not yet seen on Twitter.
        read_back: of this run, seen on Twitter as gone.
        first: so many are read back before anything else goes.
        batch: so many may be in flight after that.
    """
    if read_back < first:
        return max(0, min(first, max(1, batch)) - read_back - in_flight)
    return max(0, max(1, batch) - in_flight)
