"""S1, S4, S5 and groups in a context: what is remembered, written and said elsewhere, each as data within its frame."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from services.coach.domain.context.bundle import Item, canonical, estimate
from services.coach.domain.context.figures import recency
from services.coach.domain.framing import Frame
from services.coach.domain.group_talk import GroupPost, GroupTalk
from services.coach.domain.memory import EXCERPT, JournalFact, Memory
from services.coach.domain.plain_text import words
from services.coach.errors import ForeignFact

JOURNAL_DAYS: Final = 14
EXCERPTS: Final = 3
# A summary's text without its frame.
_SUMMARY_TOKENS: Final = 470
_PINNED, _LINKED = 3.0, 2.0
_NAME_BYTES, _POST_BYTES = 120, 400


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a member besides their numbers and the talk.

    Attributes:
        memories: Facts and confirmed goals.
        journal: Entries of the last days; none where the member does not allow them.
        summary: Of the thread's older turns.
        group: What the member may read of the group that the message is about.
    """

    memories: tuple[Memory, ...] = ()
    journal: tuple[JournalFact, ...] = ()
    summary: Memory | None = None
    group: GroupTalk | None = None

    def check_owner(self, member_id: UUID) -> None:
        """Stops before any text is made when something is somebody else's, or was read for somebody else.

        Raises:
            ForeignFact: It is.
        """
        owners = {each.member_id for each in self.memories} | {each.member_id for each in self.journal}
        if self.summary is not None:
            owners.add(self.summary.member_id)
        if self.group is not None:
            owners.add(self.group.reader_id)
        if owners - {member_id}:
            raise ForeignFact


NOTHING_KNOWN: Final = Known()


def memories_of(memories: Iterable[Memory], frame: Frame, asked: frozenset[str], *, today: date) -> list[Item]:
    """Pinned ones first, then the newest; those that share words with the message stay longer than others."""
    ordered = sorted(memories, key=lambda each: (not each.pinned, -each.create_time.timestamp(), each.memory_id.int))
    return [
        Item(
            ref=f"p{index}",
            source_id=each.memory_id,
            text=frame.of(str(each.kind), f"p{index}", each.text),
            score=_PINNED * each.pinned
            + _LINKED * bool(asked & words(each.text))
            + recency(each.update_time.date(), today),
        )
        for index, each in enumerate(ordered, start=1)
    ]


def journal_of(entries: Iterable[JournalFact], frame: Frame, *, today: date) -> list[Item]:
    """A line for each day of two weeks, the latest first, then the beginnings of the newest entries.

    Excerpts go first when space is short.
    """
    recent = [each for each in entries if 0 <= (today - each.local_date).days < JOURNAL_DAYS]
    recent.sort(key=lambda each: (each.local_date, each.entry_id.int), reverse=True)
    days: dict[date, list[JournalFact]] = defaultdict(list)
    for entry in recent:
        days[entry.local_date].append(entry)
    lines = [_day(f"j{index}", day, found, today) for index, (day, found) in enumerate(days.items(), start=1)]
    told = [each for each in recent if each.excerpt][:EXCERPTS]
    return lines + [
        Item(
            ref=f"x{index}",
            source_id=each.entry_id,
            text=frame.of("journal", f"x{index}", each.excerpt[:EXCERPT]),
            score=-1.0 - index,
        )
        for index, each in enumerate(told, start=1)
    ]


def _day(ref: str, day: date, entries: Sequence[JournalFact], today: date) -> Item:
    line: dict[str, object] = {
        "ref": ref,
        "date": day,
        "score": sum(each.sentiment for each in entries) / len(entries),
        "moods": list(dict.fromkeys(str(mood) for each in entries for mood in each.moods)),
    }
    ids = [each.entry_id for each in entries]
    return Item(ref, ids[0], canonical(line), recency(day, today), more_ids=tuple(ids[1:]))


def summary_of(summary: Memory | None, frame: Frame) -> list[Item]:
    """The summary as far as it fits, sentences from the end left out."""
    if summary is None:
        return []
    lines = summary.text.splitlines()
    while lines and estimate("\n".join(lines)) > _SUMMARY_TOKENS:
        lines.pop()
    return [Item("s1", summary.memory_id, frame.of("summary", "s1", "\n".join(lines)), 1.0)] if lines else []


def group_of(group: GroupTalk | None, frame: Frame) -> list[Item]:
    """Posts of a group as what others say, the oldest first; the newest stay longest."""
    if group is None:
        return []
    ordered = sorted(group.posts, key=lambda post: (post.create_time, post.post_id.int))
    return [_post(f"o{index}", post, frame, float(index)) for index, post in enumerate(ordered, start=1)]


def _post(ref: str, post: GroupPost, frame: Frame, score: float) -> Item:
    author = frame.of("author", ref, post.author_name, max_bytes=_NAME_BYTES)
    return Item(ref, post.post_id, f"{author} {frame.of('group_post', ref, post.text, max_bytes=_POST_BYTES)}", score)
