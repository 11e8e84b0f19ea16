"""The coach's process: `python -m services.coach serve|migrate`."""

from typing import Final

from chassis.identity.keys import derive
from chassis.pages import PageTokens
from chassis.service import Assembly, Runtime, Service, run
from chassis.vault import KeyRing, MemberKeys
from services.coach.clients.dating import DatingGoalsClient
from services.coach.clients.goals import GoalsClient
from services.coach.clients.groups import GroupsClient
from services.coach.clients.guarded import Guarded
from services.coach.clients.members import MembersClient
from services.coach.clients.offers import OffersClient
from services.coach.clients.profiles import ProfilesClient
from services.coach.clients.providers import Chain, OfflineProvider
from services.coach.clients.reports import ReportsClient
from services.coach.clients.structured import OfflineStructured, StructuredChain
from services.coach.clients.texts import load_texts
from services.coach.clients.vendors.connected import connect_vendors
from services.coach.config import CoachSettings
from services.coach.domain.memory import MemoryKeys
from services.coach.servicer import servicing
from services.coach.servicer.plans import plan_message
from services.coach.usecases import (
    AdoptionUseCases,
    ChatUseCases,
    CopilotUseCases,
    GoalWords,
    GroupPostUseCases,
    HistoryUseCases,
    IntakeUseCases,
    JournalUseCases,
    KeptFindings,
    LatePlans,
    MemoryUseCases,
    MessageUseCases,
    PlanUseCases,
    Remembering,
    ReplyUseCases,
    RetentionUseCases,
    ReviewUseCases,
    SafetyMemory,
    SiftedReports,
    SlotReader,
    SuggestingUseCases,
    UseCases,
    Watch,
)
from services.coach.worker import handlers, sweeping
from tandem.goals.v1 import goals_service_pb2_grpc
from tandem.mentor.v1 import mentor_pb2_grpc


def build(settings: CoachSettings, runtime: Runtime) -> Assembly:
    """The coach's parts."""
    texts = load_texts()
    keys = MemberKeys(KeyRing.parse(settings.encryption_keys.get_secret_value()))
    goals = runtime.caller(goals_service_pb2_grpc.GoalsServiceStub, "goals", settings.goals_address)
    mentor = runtime.caller(mentor_pb2_grpc.MentorServiceStub, "mentor", settings.mentor_address)
    members, frame_key = MembersClient(mentor, runtime.clock), derive(runtime.secret, "frame")
    safety = SafetyMemory()
    vendors = connect_vendors(settings, runtime.clock, runtime.redis, subject_key=derive(runtime.secret, "vendor"))
    runtime.at_the_end(vendors.close)
    chat = ChatUseCases(
        runtime.database,
        runtime.clock,
        keys=keys,
        goals=GoalsClient(goals),
        members=members,
        chain=Chain(
            [Guarded(vendor, texts.phrases, texts.quotations) for vendor in vendors.providers],
            OfflineProvider(texts.phrases),
            interrupted=texts.phrases.interrupted,
            gates=vendors.gates,
        ),
        texts=texts,
        frame_key=frame_key,
        memory=safety,
        groups=GroupsClient(mentor),
        remembering=Remembering(runtime.clock, keys=keys, memory_keys=MemoryKeys(derive(runtime.secret, "memory"))),
    )
    watch = Watch(runtime.clock, texts=texts, memory=safety)
    journal = JournalUseCases(runtime.database, runtime.clock, keys=keys, members=members, texts=texts, watch=watch)
    history = HistoryUseCases(runtime.database, keys)
    offers, profiles = OffersClient(goals, to_message=plan_message), ProfilesClient(mentor)
    structured = StructuredChain(vendors.providers, OfflineStructured(), gates=vendors.gates)
    plans = PlanUseCases(
        runtime.clock,
        chain=structured,
        late=LatePlans(runtime.clock, offers),
        texts=texts,
        members=members,
        words=GoalWords(
            runtime.clock,
            texts=texts,
            profiles=profiles,
            memory=safety,
            findings=KeptFindings(runtime.database, runtime.clock, memory=safety),
        ),
        frame_key=frame_key,
    )
    intake = IntakeUseCases(
        runtime.database,
        runtime.clock,
        keys=keys,
        members=members,
        texts=texts,
        watch=watch,
        reader=SlotReader(runtime.clock, chain=structured, texts=texts, members=members, frame_key=frame_key),
    )
    adoption = AdoptionUseCases(
        runtime.database, runtime.clock, keys=keys, members=members, maker=DatingGoalsClient(goals)
    )
    retention = RetentionUseCases(runtime.database, runtime.system_database, runtime.clock, memory=safety)
    replies = ReplyUseCases(runtime.system_database, runtime.clock)
    reports = SiftedReports(ReportsClient(goals))
    reviews = ReviewUseCases(
        runtime.database,
        runtime.clock,
        keys=keys,
        reports=reports,
        profiles=profiles,
        chain=structured,
        texts=texts,
        frame_key=frame_key,
    )
    suggesting = SuggestingUseCases(
        runtime.database, runtime.clock, keys=keys, reports=reports, profiles=profiles, offers=offers
    )
    posts = GroupPostUseCases(runtime.system_database, runtime.clock, keys=keys, chain=structured, texts=texts)
    copilot = CopilotUseCases(
        runtime.database,
        runtime.clock,
        keys=keys,
        reports=reports,
        profiles=profiles,
        chain=structured,
        texts=texts,
        frame_key=frame_key,
        watch=watch,
    )
    use_cases = UseCases(
        chat=chat,
        history=history,
        plans=plans,
        journal=journal,
        memory=MemoryUseCases(runtime.database, runtime.clock, keys=keys, members=members, watch=watch),
        messages=MessageUseCases(runtime.database, runtime.clock, keys=keys, members=members, watch=watch),
        retention=retention,
        reviews=reviews,
        suggesting=suggesting,
        group_posts=posts,
        copilot=copilot,
        intake=intake,
        adoption=adoption,
    )
    return Assembly(
        servicing(use_cases, PageTokens(derive(runtime.secret, "page-token"))),
        handlers=handlers(),
        background=(sweeping(replies),),
        sweep=retention.sweep,
    )


SERVICE: Final = Service("coach", CoachSettings, build)

if __name__ == "__main__":
    run(SERVICE)
