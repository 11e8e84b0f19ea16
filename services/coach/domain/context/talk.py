"""S6 and S7 of a context: what was said before in the thread, and the message to answer."""

from collections.abc import Sequence
from typing import Final

from services.coach.domain.context.bundle import Item
from services.coach.domain.conversation import Author, Message
from services.coach.domain.framing import Frame, clipped, neutral

TURNS_VERBATIM: Final = 8
# Of one turn, so that several have room; and of the message, which always has.
_TURN_BYTES: Final = 1_200
_MESSAGE_BYTES: Final = 4_400


def turns_of(turns: Sequence[Message], frame: Frame) -> list[Item]:
    """The last turns, the oldest first; they go first when space is short."""
    ordered = sorted(turns, key=lambda turn: (turn.create_time, turn.message_id.int))[-2 * TURNS_VERBATIM :]
    return [_turn(index, turn, frame) for index, turn in enumerate(ordered, start=1)]


def _turn(index: int, turn: Message, frame: Frame) -> Item:
    """The coach's own words stand without a frame, which a model would otherwise learn to write."""
    ref = f"t{index}"
    if turn.author is Author.COACH:
        text = clipped(neutral(turn.text), _TURN_BYTES)
    else:
        text = frame.of("turn", ref, turn.text, max_bytes=_TURN_BYTES)
    return Item(ref, turn.message_id, text, float(index), turn.author)


def message_of(message: Message, frame: Frame) -> Item:
    """The message, as far as it is read."""
    return Item("m", message.message_id, frame.of("message", "m", message.text, max_bytes=_MESSAGE_BYTES))
