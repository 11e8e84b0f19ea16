"""What a stand-in says: a reply in pieces, or a form filled in; a plan from the facts that it was asked with."""

import json
import random
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
    """Fills in forms; the same requests in the same order get the same answers."""

    def __init__(self) -> None:
        self._forms = 0
        self._random = random.Random(20_261_129)

    def form(self, scenario: str, schema: Mapping[str, Any], asked: str, *, is_repair: bool) -> str:
        """The text of a form, broken as the scenario has it."""
        self._forms += 1
        good = json.dumps(self._filled(schema, asked), ensure_ascii=False)
        match scenario:
            case "prose":
                return "Here is your plan. Run on Mondays!"
            case "cut-form" | "max-tokens":
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
        if schema.get("title") == "Plan" and "today" in facts:
            return plan_for(facts)
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
