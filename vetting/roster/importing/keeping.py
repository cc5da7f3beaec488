"""What is kept of a list between the check and the press of Apply: the few facts, row by row and packed, under their own digest."""

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from vetting.roster.importing.rows import ListedRow

_CHUNK = 256 * 1024
# What stays of a rehearsal once the list is applied, thrown away or forgotten.
_NUMBERS = frozenset(
    {"counts", "totals", "before", "after", "years", "same", "children", "marks", "for_lead", "changes", "columns", "filled"}
)


class Packing:
    """Rows on their way through are packed; `packed()` when the last has passed."""

    def __init__(self) -> None:
        self._packer = zlib.compressobj(1)
        self._parts: list[bytes] = []

    def pass_on(self, rows: Iterable[ListedRow]) -> Iterator[ListedRow]:
        for row in rows:
            line = json.dumps(row.as_json(), ensure_ascii=False, separators=(",", ":")) + "\n"
            if part := self._packer.compress(line.encode()):
                self._parts.append(part)
            yield row

    def packed(self) -> bytes:
        self._parts.append(self._packer.flush())
        return b"".join(self._parts)


def unpack(packed: bytes) -> Iterator[ListedRow]:
    """The rows of a packed list, in a stream."""
    unpacker, rest = zlib.decompressobj(), b""
    for begin in range(0, len(packed), _CHUNK):
        data = rest + unpacker.decompress(packed[begin : begin + _CHUNK])
        *lines, rest = data.split(b"\n")
        yield from (ListedRow.from_json(json.loads(line)) for line in lines)


def numbers_of(rehearsal: Mapping[str, Any]) -> dict[str, Any]:
    """A rehearsal without the names."""
    return {name: says for name, says in rehearsal.items() if name in _NUMBERS}


def digest(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()
