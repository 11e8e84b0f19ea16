"""Entries as numbers: the local day and what was said, so that years of them are read without an object per entry."""

from array import array
from collections import Counter
from collections.abc import Sequence
from enum import IntEnum
from sys import byteorder


class Kind(IntEnum):
    """What an entry says, as the lowest three bits of its code."""

    NOT_DONE = 0
    DONE = 1
    PROGRESS = 2
    SKIP = 3


KIND_BITS = 3
KIND_MASK = (1 << KIND_BITS) - 1
# The bits that a day may have in four bytes, without those of the kind in the four bytes beside them.
_DAY_BITS = ((1 << 32 - KIND_BITS) - 1).to_bytes(4, "little")
_LOWEST = 0 if byteorder == "little" else 3
_KINDS = bytes(byte & KIND_MASK for byte in range(256))


def encode(day: int, kind: Kind) -> int:
    """The code of an entry: its local day and what it says."""
    return day << KIND_BITS | kind


def day_of(code: int) -> int:
    """The local day of an entry."""
    return code >> KIND_BITS


def split(codes: Sequence[int]) -> tuple[list[int], bytes]:
    """Days and kinds, all at once: four bytes a code, its kind in the lowest, shifted as one long number."""
    packed = array("i", codes).tobytes()
    bits = int.from_bytes(_DAY_BITS * len(codes), "little")
    days = int.from_bytes(packed, byteorder) >> KIND_BITS & bits
    return array("i", days.to_bytes(len(packed), byteorder)).tolist(), packed[_LOWEST::4].translate(_KINDS)


def counted(days: Sequence[int]) -> dict[int, int]:
    """How often each day is among them."""
    counts = dict.fromkeys(days, 1)
    return counts if len(counts) == len(days) else dict(Counter(days))
