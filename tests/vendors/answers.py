"""What a stand-in says: a reply in pieces, or a form filled in from what it was asked with, as a model would do it."""

import json
import random
import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

WORDS = (
    "It ", "sounds ", "like ", "this ", "week ", "matters ", "to ", "you. ", "When ", "it ", "is ", "seven ", "and ",
    "you ", "are ", "home, ", "which ", "first ", "minute ", "would ", "feel ", "easy ", "to ", "begin?",
)  # fmt: skip
REPLY = "".join(WORDS)
BROKEN_OF_100 = 30


class Answers:
    """Fills in forms; the same requests in the same order get the same answers.

    Attributes:
        instead: What happens whatever the model's name says, by vendor: one that was well and breaks.
    """

    def __init__(self) -> None:
        self.instead: dict[str, str] = {}
        self._forms = 0
        self._random = random.Random(20_261_129)

    def form(self, scenario: str, schema: Mapping[str, Any], asked: str, *, is_repair: bool) -> str:
        """The text of a form, broken as the scenario has it."""
        self._forms += 1
        good = json.dumps(self._filled(schema, asked), ensure_ascii=False)
        match scenario:
            case "prose":
                return "Here is your plan. Run on Mondays!"
            case "cut-form" | "max-tokens" | "paused" | "window":
                return good[: len(good) // 2]
            case "wrong-form":
                return json.dumps(dict.fromkeys(schema.get("properties", {}), 7))
            case "mend" if not is_repair:
                return good[: len(good) // 2]
            case "third" if self._random.randrange(100) < BROKEN_OF_100:
                return self._random.choice(
                    (good[: len(good) // 2], good[1:], "null", "{}", f"```json\n{good}\n```", "[]")
                )
        return good

    def _filled(self, schema: Mapping[str, Any], asked: str) -> Any:
        facts = _facts(asked)
        match schema.get("title"):
            case "Plan" if "today" in facts:
                return plan_for(facts)
            case "ReviewText" if "kept_of_due" in facts:
                return review_for(facts)
            case "IntakeReading" if "asked" in facts:
                return reading_for(facts)
            case "CopilotAnswer":
                return advice_for(asked)
        return example(schema, schema.get("$defs", {}))


def plan_for(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A plan that keeps to the facts."""
    schedule = facts.get("stated_schedule") or {
        "period": "week", "times": 2, "weekdays": [], "rrule": "", "window_days": 0
    }  # fmt: skip
    first, last = date.fromisoformat(facts["first_day"]), date.fromisoformat(facts["last_day"])
    half = first + (last - first) / 2
    return {
        "summary": "You begin small and let the numbers rise until the last day.",
        "subgoals": [
            {"title": "The first half", "due_date": (half if half > first else last).isoformat()},
            {"title": "All of it", "due_date": max(last, first + timedelta(0)).isoformat()},
        ],
        "habits": [
            {
                "title": "Do the next small part",
                "schedule": schedule,
                "minutes": facts.get("stated_minutes_each_time") or 20,
                "if_then": {"cue": "it is seven and you are home", "response": "you begin with the first two minutes"},
                "minimum": "Two minutes of it count.",
            }
        ],
        "assumptions": [],
        "question": "",
        "warnings": [],
    }


def review_for(facts: Mapping[str, Any]) -> dict[str, Any]:
    """A review or a post of the figures that were given."""
    done, due = facts["kept_of_due"]
    return {
        "text": f"{done} of {due} were kept, and each of them counts. What would make the next one easier?",
        "action_steps": ["Pick one day for it."],
    }


def advice_for(asked: str) -> dict[str, Any]:
    """Advice to a mentor about the patterns that were named."""
    patterns = [name.replace("_", " ") for name in re.findall(r"(?m)^- (\w+):", asked)]
    seen = f"What stands out is {', '.join(patterns)}." if patterns else "Nothing stands out."
    return {
        "reply": f"{seen} What was different on the days that went well?",
        "actions": ["Ask what helped."],
        "summary": "",
        "plan_patch": [],
    }


# What a slot can hold that has words of ours; the others hold words of the member's.
READ = {
    "comfort_level": "low",
    "preferred_venues": "class_course",
    "support_people": "friend",
    "check_in_frequency": "weekly",
    "accountability_style": "gentle",
}


def reading_for(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The asked slot, read in the message's first sentence that is no question."""
    message = re.sub(r"</?member_text_[^>]*>", "", facts["message"])
    told = [sentence for sentence in re.findall(r"[^.!?]+[.!?]*", message) if not sentence.endswith("?")]
    if not told:
        return {"slots": []}
    quote = told[0].strip(" .!")
    value = READ.get(facts["asked"], " ".join(quote.split()[-6:]))
    return {"slots": [{"slot": facts["asked"], "value": value, "quote": quote}]}


def example(schema: Mapping[str, Any], definitions: Mapping[str, Any]) -> Any:
    """The smallest value that a JSON schema of ours allows."""
    if "$ref" in schema:
        return example(definitions[schema["$ref"].rsplit("/", 1)[-1]], definitions)
    if "anyOf" in schema:
        return example(schema["anyOf"][-1], definitions)
    if "enum" in schema or "const" in schema:
        return schema["const"] if "const" in schema else schema["enum"][0]
    match schema.get("type"):
        case "object":
            return {name: example(each, definitions) for name, each in schema.get("properties", {}).items()}
        case "array":
            return [example(schema["items"], definitions)] * schema.get("minItems", 0)
        case "integer" | "number":
            return max(0, schema.get("minimum", 0))
        case "boolean":
            return False
        case "null":
            return None
        case _:
            return "" if not schema.get("minLength") else "words"


def _facts(asked: str) -> dict[str, Any]:
    start = asked.find("{")
    try:
        facts = json.loads(asked[start:]) if start >= 0 else {}
    except ValueError:
        return {}
    return facts if isinstance(facts, dict) else {}
