"""What an opinion was formed with: the versions of the rules, of the weights, and of the tables of names and look-alike letters."""

import hashlib
from dataclasses import dataclass

from vetting.matching import addresses, handles, names
from vetting.matching.weights import WEIGHTS_VERSION

ENGINE_VERSION = "5"


@dataclass(frozen=True)
class Versions:
    """Kept with every opinion, so that an old one can be told from what the register would say today."""

    engine: str
    weights: str
    data: str


def _data_version() -> str:
    """A digest of the tables themselves: nobody can change one and forget to say so."""
    tables = [*names.TABLES, *handles.TABLES, *addresses.TABLES]
    return hashlib.sha256("\n".join(tables).encode()).hexdigest()[:12]


VERSIONS = Versions(engine=ENGINE_VERSION, weights=WEIGHTS_VERSION, data=_data_version())
