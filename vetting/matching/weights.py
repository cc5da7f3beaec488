"""How much each agreement tells, in bits: used to rank and to explain people, never to approve.

A bit is one halving of the people it could be. The figures are set by hand and belong to one version; a
rarity is counted in steps from the school's own list with a floor, so that no name ever tells more than `RARITY_CAP`.
"""

from vetting.matching.handles import Kind
from vetting.matching.names import Fit

WEIGHTS_VERSION = "2"

RARITY_CAP = 10.0
SHARE_KNOWN = 0.8  # of those who write, how many the school's list holds
NOBODY_KNOWN = 0.2

ADDRESS_EQUAL_SHARE = 0.85  # of the people on the list, how many write from the address held
ADDRESS_NEW = -2.7
ADDRESS_OF_ANOTHER = -6.0

NAME_NEAR_FACTOR, NAME_NEAR = 0.8, -1.0
NAME_INITIAL = 3.5 - 2.0
NAME_FAMILY_ONLY = -2.5
NAME_GIVEN_ONLY = -3.0
NAME_CONTRADICTS = -8.0

CHILD_AND_CLASS = 8.0
CHILD = 6.0
CHILD_WRONG_CLASS = 1.0
CHILD_CONTRADICTS = -6.0

# What an account's own words add. An impostor chooses them, so they stay small.
ACCOUNT_NAME = {Fit.FULL: 5.0, Fit.NEAR: 4.0, Fit.INITIAL: 3.0, Fit.FAMILY: 2.0, Fit.GIVEN: 2.0, Fit.ABSENT: 0.0, Fit.CONTRADICTS: -1.0}

# How the account that asks is related to the name that a message gives. What an imitation would do counts for less than a slip.
SAME_NUMBER = 16.0
SAME_NAME = 14.0
NAME_LIKE = {Kind.SLIP: 6.0, Kind.CONFUSABLE: 3.0, Kind.AFFIX: 2.0, Kind.TWO_SLIPS: 1.0}
SHOWS_THE_TEXT = 5.0
