"""What can be done with members: authorise, load, decide, save, announce."""

from collections.abc import Collection, Sequence
from uuid import UUID

from chassis import idempotency
from chassis.clock import Clock
from chassis.db import Database, Transaction
from chassis.idempotency import IdempotencyKey
from chassis.identity.principal import Principal
from services.mentor import errors, events
from services.mentor.domain import consents as consent_rules
from services.mentor.domain import member as members
from services.mentor.domain.consents import Consents
from services.mentor.domain.member import Member, Position, Role
from services.mentor.domain.profile import Profile
from services.mentor.repository import MemberRepository


class MemberUseCases:
    """The verbs of people."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def ensure_member(
        self, principal: Principal, member_id: UUID, *, profile: Profile, key: IdempotencyKey | None
    ) -> Member:
        """The caller as a member: the one that is there, whatever `profile` says, or a new one.

        Raises:
            NotYourself: `member_id` is not the caller.
            InvalidArgument: The profile of a new member breaks rules.
        """
        if principal.member_id != member_id:
            raise errors.NotYourself

        async def work(transaction: Transaction) -> Member:
            repository = MemberRepository(transaction)
            present = await repository.load(member_id, key)
            if present is not None:
                return present
            member = members.register(principal, profile, now=self._clock.now())
            repository.add(member, Consents(member.created_at))
            events.tell_registered(transaction, member)
            idempotency.remember(transaction, key, member_id)
            return member

        return await self._database.run(principal, work, idempotency=key)

    def judge_member(self, principal: Principal, member_id: UUID, *, profile: Profile) -> Member:
        """The caller as `ensure_member` would make them; nothing is stored.

        Raises:
            NotYourself: `member_id` is not the caller.
            InvalidArgument: The profile breaks rules.
        """
        if principal.member_id != member_id:
            raise errors.NotYourself
        return members.register(principal, profile, now=self._clock.now())

    async def get_member(self, principal: Principal, member_id: UUID) -> Member:
        """One member.

        Raises:
            MemberNotFound: None, or none that the principal may know of.
        """

        async def work(transaction: Transaction) -> Member:
            return _visible(principal, member_id, await MemberRepository(transaction).load(member_id))

        return await self._database.run(principal, work, read_only=True)

    async def list_members(self, principal: Principal, *, after: Position | None, limit: int) -> Sequence[Member]:
        """At most `limit` members, newest first.

        Raises:
            AdminsOnly: The principal is no admin.
        """
        if not principal.is_admin:
            raise errors.AdminsOnly

        async def work(transaction: Transaction) -> Sequence[Member]:
            return await MemberRepository(transaction).list_after(after, limit=limit)

        return await self._database.run(principal, work, read_only=True)

    async def update_member(
        self,
        principal: Principal,
        member_id: UUID,
        *,
        profile: Profile,
        fields: Collection[str],
        etag: str,
        key: IdempotencyKey | None,
    ) -> Member:
        """Changes `fields` of a profile. A change to what is there already is no change and tells nobody.

        Raises:
            MemberNotFound: None, or none that the principal may know of.
            MemberChangedMeanwhile: `etag` is given and stale.
            InvalidArgument: A value breaks its rule.
        """

        async def work(transaction: Transaction) -> Member:
            repository = MemberRepository(transaction)
            member = _visible(principal, member_id, await repository.load(member_id, key))
            revised = members.revise(member, profile, fields=fields, etag=etag, now=self._clock.now())
            if revised is not member:
                repository.save(revised)
                events.tell_updated(transaction, revised)
            idempotency.remember(transaction, key, member_id, outcome=revised)
            return revised

        return await self._database.run(principal, work, idempotency=key)

    async def set_roles(
        self, principal: Principal, member_id: UUID, *, roles: Collection[Role], etag: str, key: IdempotencyKey | None
    ) -> Member:
        """Replaces a member's roles; tokens with the old ones end.

        Raises:
            AdminsOnly: The principal is no admin, or is one no longer.
            MemberNotFound: There is no such member.
            MemberChangedMeanwhile: `etag` is given and stale.
            LastAdmin: Nobody would be an admin any more.
        """
        if not principal.is_admin:
            raise errors.AdminsOnly

        async def work(transaction: Transaction) -> Member:
            repository = MemberRepository(transaction)
            admins = await repository.lock_admins()
            member = _visible(principal, member_id, await repository.load(member_id, key))
            # A passport outlives a change of roles by up to a minute; for roles themselves that is too long.
            if principal.member_id not in admins:
                raise errors.AdminsOnly
            changed = members.assign_roles(member, roles, admins=admins, etag=etag)
            if changed is not member:
                repository.save_roles(changed)
                events.tell_roles_changed(transaction, changed, not_before=self._clock.now())
            idempotency.remember(transaction, key, member_id, outcome=changed)
            return changed

        return await self._database.run(principal, work, idempotency=key)

    async def get_consents(self, principal: Principal) -> Consents:
        """What the caller allows.

        Raises:
            MemberNotFound: The caller is no member yet.
        """

        async def work(transaction: Transaction) -> Consents:
            member_id = _person(principal)
            return _known(await MemberRepository(transaction).load_consents(member_id))

        return await self._database.run(principal, work, read_only=True)

    async def coaching_profile(self, principal: Principal, member_id: UUID) -> tuple[Member, Consents]:
        """A member and what they allow, for a service that writes to them unasked.

        Raises:
            MemberNotFound: There is no such member.
        """
        owner = Principal.member(member_id, caller=principal.caller)

        async def work(transaction: Transaction) -> tuple[Member, Consents]:
            repository = MemberRepository(transaction)
            member = _visible(owner, member_id, await repository.load(member_id))
            return member, _known(await repository.load_consents(member_id))

        return await self._database.run(owner, work, read_only=True)

    async def update_consents(
        self, principal: Principal, *, wanted: Consents, fields: Collection[str], key: IdempotencyKey | None
    ) -> Consents:
        """Changes `fields` of what the caller allows.

        Raises:
            MemberNotFound: The caller is no member yet.
        """

        async def work(transaction: Transaction) -> Consents:
            member_id = _person(principal)
            repository = MemberRepository(transaction)
            present = _known(await repository.load_consents(member_id, key))
            revised = consent_rules.revise(present, wanted, fields=fields, now=self._clock.now())
            if revised is not present:
                repository.save_consents(member_id, revised)
            idempotency.remember(transaction, key, member_id, outcome=revised)
            return revised

        return await self._database.run(principal, work, idempotency=key)


def _visible(principal: Principal, member_id: UUID, member: Member | None) -> Member:
    if member is None or not members.may_know(principal, member_id):
        raise errors.MemberNotFound
    return member


def _person(principal: Principal) -> UUID:
    if principal.member_id is None:
        raise errors.MemberNotFound
    return principal.member_id


def _known(consents: Consents | None) -> Consents:
    if consents is None:
        raise errors.MemberNotFound
    return consents
