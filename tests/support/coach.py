"""The coach on a real database, with goals, members and providers under the test's control."""

from dataclasses import dataclass, field
from uuid import UUID

from chassis.clock import Clock, SystemClock, new_id
from chassis.db import Database
from chassis.errors import TandemError
from chassis.vault import KeyRing, MemberKeys
from services.coach.clients.dating import FakeDatingGoals
from services.coach.clients.goals import FakeGoals
from services.coach.clients.groups import FakeGroups
from services.coach.clients.members import FakeMembers
from services.coach.clients.offers import FakeOffers
from services.coach.clients.profiles import FakeProfiles, Profile
from services.coach.clients.providers import Chain, CoachProvider, OfflineProvider
from services.coach.clients.reports import FakeReports
from services.coach.clients.structured import OfflineStructured, StructuredChain, StructuredProvider
from services.coach.clients.texts import load_texts
from services.coach.domain.facts import GoalFact, Overview
from services.coach.domain.memory import MemoryKeys
from services.coach.domain.person import Consents, Person
from services.coach.usecases import (
    AdoptionUseCases,
    ChatUseCases,
    CopilotUseCases,
    GoalWords,
    GroupPostUseCases,
    HistoryUseCases,
    IntakeUseCases,
    JournalUseCases,
    LatePlans,
    MemoryUseCases,
    MessageUseCases,
    PlanUseCases,
    Remembering,
    RetentionUseCases,
    ReviewUseCases,
    SafetyMemory,
    SiftedReports,
    SlotReader,
    SuggestingUseCases,
    UseCases,
    Watch,
)
from services.coach.usecases.copilot import PATIENCE_S as COPILOT_S
from services.coach.usecases.findings import FakeFindings, Findings
from services.coach.usecases.reviews import PATIENCE_S as UNASKED_S
from services.coach.usecases.slot_reading import PATIENCE_S
from tandem.coach.v1 import chat_pb2 as pb
from tandem.coach.v1 import coach_pb2_grpc
from tests.support.identities import Identities

TEXTS = load_texts()
KEYS = MemberKeys(KeyRing({"k1": bytes(range(32))}))
MEMORY_KEYS = MemoryKeys(b"m" * 32)
CLOCK = SystemClock()
ADULT = Person(country="GB", birth_year=1990)


@dataclass
class OwnGoals(FakeGoals):
    """Every member has one goal, kept twice this week."""

    failure: TandemError | None = None
    calls: list[UUID] = field(default_factory=list)

    async def overview(self, member_id: UUID) -> Overview:
        """The same figures for everybody, owned by whoever asks."""
        self.calls.append(member_id)
        if self.failure is not None:
            raise self.failure
        today = CLOCK.now().date()
        goal = GoalFact(
            new_id(CLOCK),
            member_id,
            "Run 3x per week",
            "recurring",
            times=3,
            period="week",
            week_logged=2,
            streak=4,
            week_due=1,
            last_logged_on=today,
        )
        return Overview(today, (goal,))


def chat_use_cases(
    database: Database,
    *,
    goals: FakeGoals | None = None,
    country: str = "GB",
    vendors: tuple[CoachProvider, ...] = (),
    memory: SafetyMemory | None = None,
    clock: Clock = CLOCK,
    groups: FakeGroups | None = None,
    members: FakeMembers | None = None,
) -> ChatUseCases:
    """The real use cases; whatever is left out stands for a quiet day."""
    return ChatUseCases(
        database,
        clock,
        keys=KEYS,
        goals=goals or OwnGoals(),
        members=members or FakeMembers(country),
        chain=Chain(vendors, OfflineProvider(TEXTS.phrases), interrupted=TEXTS.phrases.interrupted),
        texts=TEXTS,
        frame_key=b"f" * 32,
        memory=memory or SafetyMemory(),
        groups=groups or FakeGroups(),
        remembering=Remembering(clock, keys=KEYS, memory_keys=MEMORY_KEYS),
    )


def goal_words(
    findings: Findings | None = None,
    *,
    country: str = "GB",
    profiles: FakeProfiles | None = None,
    memory: SafetyMemory | None = None,
) -> GoalWords:
    """The real screen over the words of goals; whatever is left out stands for a quiet day."""
    allowed = Consents(coach_reads_journal=True, ai_vendors=True)
    return GoalWords(
        CLOCK,
        texts=TEXTS,
        profiles=profiles or FakeProfiles(Profile(Person(country=country), allowed)),
        memory=memory or SafetyMemory(),
        findings=findings or FakeFindings(),
    )


def plan_use_cases(
    *vendors: StructuredProvider,
    members: FakeMembers | None = None,
    offers: FakeOffers | None = None,
    words: GoalWords | None = None,
) -> PlanUseCases:
    """The real use cases, with vendors and what is offered to members under the test's control."""
    return PlanUseCases(
        CLOCK,
        chain=StructuredChain(vendors, OfflineStructured()),
        late=LatePlans(CLOCK, offers or FakeOffers()),
        texts=TEXTS,
        members=members or FakeMembers(),
        words=words or goal_words(),
        frame_key=b"f" * 32,
    )


@dataclass
class Unasked:
    """What texts that are written unasked stand on, under the test's control."""

    reports: FakeReports = field(default_factory=FakeReports)
    profiles: FakeProfiles = field(default_factory=FakeProfiles)
    offers: FakeOffers = field(default_factory=FakeOffers)
    vendors: tuple[StructuredProvider, ...] = ()
    clock: Clock = CLOCK
    own_chain: StructuredChain | None = None
    copilot_s: float = COPILOT_S
    unasked_s: float = UNASKED_S

    @property
    def chain(self) -> StructuredChain:
        """The vendors, then the rules."""
        return self.own_chain or StructuredChain(self.vendors, OfflineStructured())

    @property
    def sifted(self) -> SiftedReports:
        """The reports as all of them get them."""
        return SiftedReports(self.reports)

    def reviews(self, database: Database) -> ReviewUseCases:
        """The real use cases of reviews."""
        return ReviewUseCases(
            database,
            self.clock,
            keys=KEYS,
            reports=self.sifted,
            profiles=self.profiles,
            chain=self.chain,
            texts=TEXTS,
            frame_key=b"f" * 32,
            patience_s=self.unasked_s,
        )

    def copilot(self, database: Database) -> CopilotUseCases:
        """The real use cases of advice to mentors."""
        return CopilotUseCases(
            database,
            self.clock,
            keys=KEYS,
            reports=self.sifted,
            profiles=self.profiles,
            chain=self.chain,
            texts=TEXTS,
            frame_key=b"f" * 32,
            patience_s=self.copilot_s,
            watch=Watch(self.clock, texts=TEXTS, memory=SafetyMemory()),
        )

    def suggesting(self, database: Database) -> SuggestingUseCases:
        """The real use cases of suggestions."""
        return SuggestingUseCases(
            database,
            self.clock,
            keys=KEYS,
            reports=self.sifted,
            profiles=self.profiles,
            offers=self.offers,
        )

    def group_posts(self, system_database: Database) -> GroupPostUseCases:
        """The real use cases of posts to groups."""
        return GroupPostUseCases(
            system_database, self.clock, keys=KEYS, chain=self.chain, texts=TEXTS, patience_s=self.unasked_s
        )


def journal_use_cases(
    database: Database, *, members: FakeMembers | None = None, memory: SafetyMemory | None = None, clock: Clock = CLOCK
) -> JournalUseCases:
    """The real use cases; whatever is left out stands for a quiet day."""
    watch = Watch(clock, texts=TEXTS, memory=memory or SafetyMemory())
    return JournalUseCases(database, clock, keys=KEYS, members=members or FakeMembers("GB"), texts=TEXTS, watch=watch)


def intake_use_cases(
    database: Database,
    *,
    chain: StructuredChain | None = None,
    members: FakeMembers | None = None,
    clock: Clock = CLOCK,
    watch: Watch | None = None,
    patience_s: float = PATIENCE_S,
) -> IntakeUseCases:
    """The real use cases; whatever is left out stands for a quiet day without vendors."""
    people = members or FakeMembers("GB", person=ADULT)
    reader = SlotReader(
        clock,
        chain=chain or StructuredChain((), OfflineStructured()),
        texts=TEXTS,
        members=people,
        frame_key=b"f" * 32,
        patience_s=patience_s,
    )
    watch = watch or Watch(clock, texts=TEXTS, memory=SafetyMemory())
    return IntakeUseCases(database, clock, keys=KEYS, members=people, texts=TEXTS, watch=watch, reader=reader)


def use_cases(
    database: Database,
    *,
    chat: ChatUseCases | None = None,
    plans: PlanUseCases | None = None,
    unasked: Unasked | None = None,
    system_database: Database | None = None,
    journal: JournalUseCases | None = None,
    members: FakeMembers | None = None,
    maker: FakeDatingGoals | None = None,
    clock: Clock = CLOCK,
) -> UseCases:
    """All that the servicer calls; whatever is left out stands for a quiet day."""
    unasked, people = unasked or Unasked(), members or FakeMembers("GB", person=ADULT)
    watch = Watch(clock, texts=TEXTS, memory=SafetyMemory())
    return UseCases(
        chat=chat or chat_use_cases(database),
        history=HistoryUseCases(database, KEYS),
        plans=plans or plan_use_cases(),
        reviews=unasked.reviews(database),
        suggesting=unasked.suggesting(database),
        group_posts=unasked.group_posts(system_database or database),
        journal=journal or journal_use_cases(database),
        copilot=unasked.copilot(database),
        intake=intake_use_cases(database, members=people, clock=clock, watch=watch),
        adoption=AdoptionUseCases(database, clock, keys=KEYS, members=people, maker=maker or FakeDatingGoals(clock)),
        memory=MemoryUseCases(database, CLOCK, keys=KEYS, members=people, watch=watch),
        messages=MessageUseCases(database, CLOCK, keys=KEYS, members=people, watch=watch),
        retention=RetentionUseCases(database, system_database or database, CLOCK, memory=SafetyMemory()),
    )


@dataclass
class Talker:
    """One member calling as the gateway would."""

    stub: "coach_pb2_grpc.CoachServiceAsyncStub"
    identities: Identities
    member_id: UUID = field(default_factory=lambda: new_id(CLOCK))

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """The passport that goes along."""
        return (("x-tandem-passport", self.identities.passport(self.member_id)),)

    async def say(self, text: str, *, thread_id: str = "", key: str = "") -> pb.SendMessageResponse:
        """Sends a message."""
        request = pb.SendMessageRequest(text=text, thread_id=thread_id, idempotency_key=key)
        return await self.stub.SendMessage(request, metadata=self.metadata)

    async def stream(self, text: str, *, thread_id: str = "", key: str = "") -> list[pb.StreamMessageResponse]:
        """Sends a message and collects the pieces."""
        request = pb.SendMessageRequest(text=text, thread_id=thread_id, idempotency_key=key)
        return [piece async for piece in self.stub.StreamMessage(request, metadata=self.metadata)]

    async def messages(
        self, *, thread_id: str = "", page_size: int = 0, page_token: str = ""
    ) -> pb.ListMessagesResponse:
        """A page of messages."""
        request = pb.ListMessagesRequest(thread_id=thread_id, page_size=page_size, page_token=page_token)
        return await self.stub.ListMessages(request, metadata=self.metadata)

    async def threads(self, *, page_size: int = 0, page_token: str = "") -> pb.ListThreadsResponse:
        """A page of threads."""
        request = pb.ListThreadsRequest(page_size=page_size, page_token=page_token)
        return await self.stub.ListThreads(request, metadata=self.metadata)
