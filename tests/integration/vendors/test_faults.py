"""Every fault that the SDKs are known for, at both vendors, in every use: an answer always, and the fault's right name.

The answers go through the real SDKs to the stand-ins; which fault is meant says the model's name.
"""

import asyncio

import pytest

from services.coach.clients.attempts import PATIENCE
from services.coach.clients.providers import OFFLINE, EndKind
from services.coach.clients.vendors.gate import CALLS
from tests.support.coach import TEXTS
from tests.support.vendors import SHORT, USES, Outcome, wired
from tests.vendors import StandIns
from tests.vendors.answers import REPLY

VENDORS = ("anthropic", "gemini")
# What a stream had begun with before it broke, so that its reply is ended rather than begun anew.
BEGUN = {"broken", "midcut", "eof", "error", "stall", "refusal-late", "max-tokens", "huge", "bad-utf8"}
WAITS = {"hang", "drip", "stall"}
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
    "max-tokens": ("interrupted", "interrupted"),
    "empty": ("bad_payload", "bad_payload"),
    "tool": ("bad_payload", "bad_payload"),
    "bad-utf8": ("interrupted", "bad_payload"),
}
# What is no event at all the one SDK passes over and the other does not take.
BY_VENDOR = {("html", "gemini", "chat_stream"): "bad_payload"}
FORMS = ("prose", "cut-form", "wrong-form")


def counted(vendor: str, outcome: str) -> float:
    return float(CALLS.labels(vendor, outcome)._value.get())


async def use(standins: StandIns, name: str, models: dict[str, str], *, waits: bool = False) -> Outcome:
    """One use, and that it was answered in time."""
    loop = asyncio.get_running_loop()
    async with wired(standins, models, patience=SHORT if waits else PATIENCE) as coach:
        began = loop.time()
        outcome = await USES[name](coach)
    assert outcome.text.strip()
    if waits:
        # Idle time, and what a busy machine takes on top.
        assert loop.time() - began < SHORT.before_offline + 2.0
    return outcome


@pytest.mark.parametrize("name", USES)
@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_is_named_and_the_member_answered(standins: StandIns, fault: str, vendor: str, name: str):
    kind = BY_VENDOR.get((fault, vendor, name), FAULTS[fault][0 if name == "chat_stream" else 1])
    before = counted(vendor, kind)

    outcome = await use(standins, name, {vendor: f"stub-{fault}"}, waits=fault in WAITS)

    assert counted(vendor, kind) == before + 1
    assert outcome.failed
    if name == "chat_stream" and fault in BEGUN:
        assert (outcome.provider, outcome.kind) == (vendor, EndKind.INTERRUPTED_RECOVERED)
        assert outcome.text.endswith(TEXTS.phrases.interrupted)
    else:
        assert outcome.provider == OFFLINE
        assert TEXTS.phrases.interrupted not in outcome.text


@pytest.mark.parametrize("name", [name for name in USES if name.startswith("chat")])
@pytest.mark.parametrize("vendor", VENDORS)
async def test_ten_megabytes_are_not_taken(standins: StandIns, vendor: str, name: str):
    outcome = await use(standins, name, {vendor: "stub-huge"})

    assert outcome.failed == (vendor,)
    assert len(outcome.text) < 17_000


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("fault", FORMS)
async def test_a_broken_form_is_repaired_once_or_given_up(standins: StandIns, fault: str, vendor: str):
    before, asked = counted(vendor, "bad_payload"), len(standins.of(vendor))

    outcome = await use(standins, "plan", {vendor: f"stub-{fault}"})

    assert outcome.provider == OFFLINE
    assert counted(vendor, "bad_payload") == before + 1
    assert len(standins.of(vendor)) == asked + 2


@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_form_that_is_right_the_second_time_is_taken(standins: StandIns, vendor: str):
    outcome = await use(standins, "plan", {vendor: "stub-mend"})

    assert (outcome.provider, outcome.failed) == (vendor, ())
    repair = standins.of(vendor)[-1]
    assert "does not do" in repair.text


@pytest.mark.parametrize("name", USES)
@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("good", ["ok", "ping", "thinking", "no-thinking", "ok-50ms"])
async def test_a_good_answer_is_the_vendors(standins: StandIns, good: str, vendor: str, name: str):
    before = counted(vendor, "ok")

    outcome = await use(standins, name, {vendor: f"stub-{good}"})

    assert (outcome.provider, outcome.failed) == (vendor, ())
    assert counted(vendor, "ok") == before + 1
    if name != "plan":
        assert outcome.text == REPLY
    assert "secret" not in outcome.text


@pytest.mark.parametrize("name", USES)
@pytest.mark.parametrize("fault", ["429", "401", "500", "hang", "reset", "hello", "error-first", "empty"])
async def test_the_second_vendor_answers_where_the_first_does_not(standins: StandIns, fault: str, name: str):
    outcome = await use(standins, name, {"anthropic": f"stub-{fault}", "gemini": "stub-ok"}, waits=fault == "hang")

    assert outcome.provider == "gemini"
    assert outcome.failed == (("anthropic",) if name != "plan" else ("?",))


@pytest.mark.parametrize("name", USES)
@pytest.mark.parametrize("faults", [("hang", "hang"), ("529", "503"), ("reset", "html"), ("401", "401")])
async def test_with_both_broken_the_rules_answer_in_time(standins: StandIns, faults: tuple[str, str], name: str):
    models = {"anthropic": f"stub-{faults[0]}", "gemini": f"stub-{faults[1]}"}

    outcome = await use(standins, name, models, waits="hang" in faults)

    assert outcome.provider == OFFLINE


async def test_what_one_vendor_refuses_is_not_taken_to_the_next(standins: StandIns):
    asked = len(standins.of("gemini"))

    outcome = await use(standins, "chat_stream", {"anthropic": "stub-refusal", "gemini": "stub-ok"})

    assert (outcome.provider, outcome.failed) == (OFFLINE, ("anthropic",))
    assert len(standins.of("gemini")) == asked
