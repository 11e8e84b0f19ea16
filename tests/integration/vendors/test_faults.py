"""Every fault that the SDKs are known for, at both vendors, in every use: an answer always, and the fault's right name.

The answers go through the real SDKs to the stand-ins; which fault is meant says the model's name.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from services.coach.clients.guarded import MOST_WORDS
from services.coach.clients.providers import OFFLINE, EndKind
from services.coach.clients.vendors.connected import Vendor
from services.coach.clients.vendors.gate import CALLS
from tests.support.coach import TEXTS
from tests.support.vendors import CHATS, FORMS, IN_FORCE, SHORT, USES, Outcome, Stores, Waits, wired
from tests.vendors import StandIns
from tests.vendors.answers import REPLY

VENDORS = ("anthropic", "gemini")
# What a stream had begun with before it broke, so that its reply is ended rather than begun anew.
BEGUN = {
    *("broken", "midcut", "eof", "error", "stall", "bad-utf8"),
    *("refusal-late", "recitation", "max-tokens", "paused", "window"),
}
WAITS = {"hang", "drip", "stall"}
# Little for who hangs, and for who comes after enough on a busy machine.
UNEQUAL = Waits.within(replace(SHORT.chain, before_offline=6.0, share=0.2))
# scenario: its kind in a stream, and in a plain answer.
FAULTS = {
    "429": ("rate_limit", "rate_limit"),
    "429-bare": ("rate_limit", "rate_limit"),
    "spend": ("rate_limit", "rate_limit"),
    "529": ("overloaded", "overloaded"),
    "503": ("overloaded", "overloaded"),
    "504": ("timeout", "timeout"),
    "500": ("transient", "transient"),
    "401": ("config", "config"),
    "402": ("config", "config"),
    "403": ("config", "config"),
    "404": ("config", "config"),
    "400": ("bug", "bug"),
    "413": ("bug", "bug"),
    "unknown": ("config", "config"),
    "broken": ("interrupted", "bad_payload"),
    "hello": ("interrupted", "bad_payload"),
    "html": ("interrupted", "bad_payload"),
    "hang": ("timeout", "timeout"),
    "drip": ("timeout", "timeout"),
    "reset": ("transient", "transient"),
    "midcut": ("interrupted", "transient"),
    "eof": ("interrupted", "bad_payload"),
    "error": ("overloaded", "overloaded"),
    "error-first": ("overloaded", "overloaded"),
    "stall": ("interrupted", "timeout"),
    "refusal": ("refused", "refused"),
    "refusal-late": ("refused", "refused"),
    "prohibited": ("refused", "refused"),
    "recitation": ("refused", "refused"),
    "max-tokens": ("interrupted", "interrupted"),
    "paused": ("interrupted", "interrupted"),
    "window": ("interrupted", "interrupted"),
    "empty": ("bad_payload", "bad_payload"),
    "tool": ("bad_payload", "bad_payload"),
    "bad-utf8": ("interrupted", "bad_payload"),
}
# What is no event at all the one SDK passes over and the other does not take.
BY_VENDOR = {("html", "gemini", "chat_stream"): "bad_payload"}
BROKEN_FORMS = ("prose", "cut-form", "wrong-form")


def counted(vendor: str) -> Counter[str]:
    """How often a vendor was asked, by what came of it."""
    kinds = {kind for pair in FAULTS.values() for kind in pair} | {"ok"}
    return Counter({kind: int(CALLS.labels(vendor, kind)._value.get()) for kind in kinds})


Use = Callable[..., Awaitable[Outcome]]
AllUses = Callable[..., Awaitable[dict[str, Outcome]]]


@pytest.fixture
def use(standins: StandIns, stores: Stores) -> Use:
    """One use, and that it was answered in time."""

    async def used(
        name: str, models: dict[str, str], *, waits: Waits = IN_FORCE, vendors: tuple[Vendor, ...] = ()
    ) -> Outcome:
        loop = asyncio.get_running_loop()
        async with wired(standins, models, waits=waits, stores=stores, vendors=vendors) as coach:
            began = loop.time()
            outcome = await USES[name](coach)
        assert outcome.text.strip()
        # Idle time, and what a busy machine takes on top.
        assert loop.time() - began < waits.chain.before_offline + 2.0
        return outcome

    return used


@pytest.fixture
def all_uses(standins: StandIns, use: Use) -> AllUses:
    """What every use came to, side by side, with gates of its own each and the same connections."""

    async def used(models: dict[str, str], *, waits: Waits = IN_FORCE) -> dict[str, Outcome]:
        async with wired(standins, models) as coach:
            outcomes = await asyncio.gather(*(use(name, models, waits=waits, vendors=coach.vendors) for name in USES))
        return dict(zip(USES, outcomes, strict=True))

    return used


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_named_and_the_member_answered(all_uses: AllUses, fault: str, vendor: str):
    before = counted(vendor)

    outcomes = await all_uses({vendor: f"stub-{fault}"}, waits=SHORT if fault in WAITS else IN_FORCE)

    kinds = Counter(
        BY_VENDOR.get((fault, vendor, name), FAULTS[fault][0 if name == "chat_stream" else 1]) for name in USES
    )
    assert counted(vendor) - before == kinds
    for name, outcome in outcomes.items():
        assert outcome.failed, name
        if name == "chat_stream" and fault in BEGUN:
            assert (outcome.provider, outcome.kind) == (vendor, EndKind.INTERRUPTED_RECOVERED)
            said, ours, step = outcome.text.partition(TEXTS.phrases.interrupted)
            assert all((said, ours, step.strip())), outcome.text
        else:
            assert outcome.provider == OFFLINE, name
            assert TEXTS.phrases.interrupted not in outcome.text


@pytest.mark.parametrize("name", USES)
@pytest.mark.parametrize("vendor", VENDORS)
async def test_half_an_answer_is_not_asked_to_go_on(standins: StandIns, use: Use, vendor: str, name: str):
    """google-genai would, of itself, and each time be billed for it."""
    asked = len(standins.of(vendor))

    await use(name, {vendor: "stub-paused"})

    assert len(standins.of(vendor)) == asked + 1


@pytest.mark.parametrize("name", CHATS)
@pytest.mark.parametrize("vendor", VENDORS)
async def test_ten_megabytes_are_not_taken(standins: StandIns, use: Use, vendor: str, name: str):
    """A stream is left at the most words of a reply, which is no failure; a whole answer so long is one."""
    outcome = await use(name, {vendor: "stub-huge"})

    is_stream = name == "chat_stream"
    assert (outcome.kind, outcome.failed) == ((EndKind.STOPPED, ()) if is_stream else (EndKind.COMPLETE, (vendor,)))
    assert len(outcome.text.split()) <= MOST_WORDS + 1
    async with asyncio.timeout(1):
        await standins.of(vendor)[-1].left.wait()


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("fault", BROKEN_FORMS)
async def test_a_broken_form_is_repaired_once_or_given_up(
    standins: StandIns, use: Use, fault: str, vendor: str, name: str
):
    before, asked = counted(vendor), len(standins.of(vendor))

    outcome = await use(name, {vendor: f"stub-{fault}"})

    assert outcome.provider == OFFLINE
    assert outcome.failed
    assert counted(vendor) - before == Counter(bad_payload=1)
    assert len(standins.of(vendor)) == asked + 2


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_form_that_is_right_the_second_time_is_taken(standins: StandIns, use: Use, vendor: str, name: str):
    outcome = await use(name, {vendor: "stub-mend"})

    assert (outcome.provider, outcome.failed) == (vendor, ())
    repair = standins.of(vendor)[-1]
    assert "does not do" in repair.text


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("good", ["ok", "ping", "thinking", "no-thinking", "stop-sequence", "ok-50ms"])
async def test_a_good_answer_is_the_vendors(all_uses: AllUses, good: str, vendor: str):
    before = counted(vendor)

    outcomes = await all_uses({vendor: f"stub-{good}"})

    assert counted(vendor) - before == Counter(ok=len(USES))
    for name, outcome in outcomes.items():
        assert (outcome.provider, outcome.failed) == (vendor, ()), name
        assert "secret" not in outcome.text
    assert {outcomes[name].text for name in CHATS} == {REPLY}


@pytest.mark.parametrize("fault", ["429", "401", "500", "hang", "reset", "hello", "error-first", "empty"])
async def test_the_second_vendor_answers_where_the_first_does_not(all_uses: AllUses, fault: str):
    waits = UNEQUAL if fault == "hang" else IN_FORCE
    outcomes = await all_uses({"anthropic": f"stub-{fault}", "gemini": "stub-ok"}, waits=waits)

    for name, outcome in outcomes.items():
        assert outcome.provider == "gemini", name
        assert outcome.failed == (("anthropic",) if name in CHATS else ("?",)), name


@pytest.mark.parametrize("faults", [("529", "503"), ("reset", "html"), ("401", "401")])
async def test_with_both_broken_the_rules_answer_in_time(all_uses: AllUses, faults: tuple[str, str]):
    models = {"anthropic": f"stub-{faults[0]}", "gemini": f"stub-{faults[1]}"}

    outcomes = await all_uses(models)

    assert {outcome.provider for outcome in outcomes.values()} == {OFFLINE}
    assert all(outcome.failed for outcome in outcomes.values())


async def test_what_one_vendor_refuses_is_not_taken_to_the_next(standins: StandIns, all_uses: AllUses):
    asked = len(standins.of("gemini"))

    outcomes = await all_uses({"anthropic": "stub-refusal", "gemini": "stub-ok"})

    assert {outcome.provider for outcome in outcomes.values()} == {OFFLINE}
    assert len(standins.of("gemini")) == asked
