"""What the coach remembers: remembering while a message is stored; seeing, correcting, forgetting and pausing it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from chassis import idempotency
from chassis.clock import Clock, new_id
from chassis.db import Database, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from chassis.vault import DataKey, MemberKeys
from services.coach.clients.members import Members
from services.coach.domain import memory as rules
from services.coach.domain.conversation import Message, SafetyNotice
from services.coach.domain.memory import Memory, MemoryKeys, MemoryKind
from services.coach.domain.remembering import Fact
from services.coach.domain.summarising import roll
from services.coach.errors import MemoryNotFound
from services.coach.repository import MemoryPosition, MemoryRepository, Opening
from services.coach.usecases.history import owner
from services.coach.usecases.watching import Watch, Watched


@dataclass(frozen=True, slots=True)
class MemoryPage:
    """A page of what is remembered, and whether anything new is."""

    memories: tuple[Memory, ...]
    paused: bool


@dataclass(frozen=True, slots=True)
class WrittenMemory:
    """Something remembered as it was changed; what the screen says of a new text, None where there is none."""

    memory: Memory
    safety: SafetyNotice | None = None


@dataclass(frozen=True, slots=True)
class Recollection:
    """What is remembered once a message has been stored."""

    memories: tuple[Memory, ...]
    summary: Memory | None


class Remembering:
    """Remembers within the transaction that stores a message, from what was loaded with it."""

    def __init__(self, clock: Clock, *, keys: MemberKeys, memory_keys: MemoryKeys) -> None:
        self._clock = clock
        self._keys = keys
        self._memory_keys = memory_keys

    def thread_key(self, member_id: UUID, thread_id: UUID | None) -> bytes:
        """Under which a thread's summary is remembered; empty for a new thread."""
        return self._memory_keys.of_thread(member_id, thread_id) if thread_id is not None else b""

    def keep(
        self,
        transaction: Transaction,
        opening: Opening,
        message: Message,
        *,
        facts: Sequence[Fact],
        turns: Sequence[Message],
        key: DataKey,
    ) -> Recollection:
        """Queues what a message tells of its writer, and what older turns come down to."""
        if opening.paused:
            return Recollection(opening.memories, opening.summary)
        memories = MemoryRepository(transaction, self._keys)
        return Recollection(
            self._keep_facts(memories, opening, message, facts, key),
            self._keep_summary(memories, opening, message, turns, key),
        )

    def _keep_facts(
        self,
        memories: MemoryRepository,
        opening: Opening,
        message: Message,
        facts: Sequence[Fact],
        key: DataKey,
    ) -> tuple[Memory, ...]:
        known = {each.memory_id: each for each in opening.memories}
        new: list[UUID] = []
        for fact in facts:
            kept = rules.remember(
                fact,
                known.values(),
                opening.forgotten,
                keys=self._memory_keys,
                member_id=message.member_id,
                source_id=message.message_id,
                memory_id=new_id(self._clock),
                now=message.create_time,
            )
            if kept is None:
                continue
            if kept.memory_id in known:
                memories.save(kept, key)
            else:
                memories.add(kept, key)
                new.append(kept.memory_id)
            known[kept.memory_id] = kept
        changed = {each.memory_id for each in known.values() if each not in opening.memories}
        gone = [each.memory_id for each in rules.to_make_room(opening.memories, new) if each.memory_id not in changed]
        memories.remove(gone)
        return tuple(each for each in known.values() if each.memory_id not in gone)

    def _keep_summary(
        self, memories: MemoryRepository, opening: Opening, message: Message, turns: Sequence[Message], key: DataKey
    ) -> Memory | None:
        summary = opening.summary
        thread_key = self._memory_keys.of_thread(message.member_id, message.thread_id)
        if thread_key in opening.forgotten:
            return None
        rolled = roll(
            turns,
            text=summary.text if summary else "",
            covered=summary.source_ids if summary else (),
            forgotten=opening.forgotten,
            keys=self._memory_keys,
        )
        if rolled is None or (summary is None and not rolled.text):
            return summary
        now = message.create_time
        if summary is not None:
            summary = replace(summary, text=rolled.text, source_ids=rolled.covered, update_time=now)
            memories.save(summary, key)
            return summary
        made = Memory(
            new_id(self._clock),
            message.member_id,
            MemoryKind.SUMMARY,
            rolled.text,
            False,
            thread_key,
            None,
            rolled.covered,
            now,
            now,
        )
        memories.add(made, key)
        return made


class MemoryUseCases:
    """The verbs of the memory. All raise `MemoryNotFound` where it is not the caller's."""

    def __init__(self, database: Database, clock: Clock, *, keys: MemberKeys, members: Members, watch: Watch) -> None:
        self._database = database
        self._clock = clock
        self._keys = keys
        self._members = members
        self._watch = watch

    async def page(self, principal: Principal, *, before: MemoryPosition | None, limit: int) -> MemoryPage:
        """What is remembered: pinned ones first, then the newest."""
        member_id = owner(principal)

        async def work(transaction: Transaction) -> MemoryPage:
            memories = MemoryRepository(transaction, self._keys)
            state = await memories.state(member_id, None)
            return MemoryPage(await memories.page(member_id, state.key, before=before, limit=limit), state.paused)

        return await self._database.run(principal, work, read_only=True)

    async def change(
        self,
        principal: Principal,
        memory_id: UUID,
        *,
        text: str | None,
        pinned: bool | None,
        key: IdempotencyKey | None,
    ) -> WrittenMemory:
        """Corrects or pins; what is None stays. A new text is screened.

        Raises:
            InvalidArgument: The text breaks a rule.
            PinnedTooMuch: There is no room for more that is pinned.
        """
        member_id = owner(principal)
        watched: Watched | None = None
        country = ""
        if text is not None:
            rules.check_memory(text)
            watched = self._watch.look(member_id, text)
            country = await self._members.country(member_id)

        async def work(transaction: Transaction) -> WrittenMemory:
            memories = MemoryRepository(transaction, self._keys)
            state = await memories.state(member_id, key)
            known = await memories.all(member_id, state.key)
            memory = next((each for each in known if each.memory_id == memory_id), None)
            if memory is None or state.key is None:
                raise MemoryNotFound
            changed = rules.change_memory(memory, text=text, pinned=pinned, now=self._clock.now())
            if changed != memory:
                rules.check_pinned(changed, known)
                memories.save(changed, state.key)
            notice: SafetyNotice | None = None
            if watched is not None:
                notice = self._watch.notice(self._watch.settle(transaction, watched, state.safety, memory_id), country)
            written = WrittenMemory(changed, notice)
            idempotency.remember(transaction, key, memory_id, outcome=written)
            return written

        return await self._database.run(principal, work, idempotency=key)

    async def forget(self, principal: Principal, memory_id: UUID, *, key: IdempotencyKey | None) -> UUID:
        """Forgets: the words are not remembered again, and no summary keeps them."""
        member_id = owner(principal)

        async def work(transaction: Transaction) -> UUID:
            memories = MemoryRepository(transaction, self._keys)
            state = await memories.state(member_id, key)
            known = await memories.all(member_id, state.key)
            memory = next((each for each in known if each.memory_id == memory_id), None)
            if memory is None:
                raise MemoryNotFound
            memories.forget(member_id, memory.words_key or memory.fact_key, self._clock.now())
            memories.remove([memory_id, *(each.memory_id for each in known if rules.may_repeat(each, memory))])
            idempotency.remember(transaction, key, memory_id, outcome=memory_id)
            return memory_id

        return await self._database.run(principal, work, idempotency=key)

    async def pause(self, principal: Principal, *, paused: bool, key: IdempotencyKey | None) -> bool:
        """Whether anything new is remembered from now on."""
        member_id = owner(principal)

        async def work(transaction: Transaction) -> bool:
            memories = MemoryRepository(transaction, self._keys)
            await memories.state(member_id, key)
            memories.pause(member_id, paused=paused, now=self._clock.now())
            idempotency.remember(transaction, key, member_id, outcome=paused)
            return paused

        return await self._database.run(principal, work, idempotency=key)
