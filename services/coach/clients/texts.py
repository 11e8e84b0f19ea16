"""Our own words, read once at start: phrases, plans, intake, cards, helplines, instructions, and words for moods."""

import json
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from services.coach.domain.helplines import Helplines
from services.coach.domain.holdback import Quotations
from services.coach.domain.intake.book import IntakeBook
from services.coach.domain.moods import MoodLexicon
from services.coach.domain.phrases import CrisisCards, Phrasebook
from services.coach.domain.planning.texts import PlanTexts
from services.coach.domain.reviews.texts import ReviewTexts


@dataclass(frozen=True, slots=True)
class Instructions:
    """What a model is told to do, by purpose; every change has a new version."""

    version: str
    text: str


@dataclass(frozen=True, slots=True)
class Texts:
    """Everything that is written by us and said to members or providers.

    Attributes:
        system: The instructions of a chat (S0).
        prompt_version: Of the instructions.
        plan_system: The instructions of a plan.
        reviews: What is written unasked.
        review_system: The instructions of a review, a report or a post.
        copilot: What is said to mentors.
        copilot_system: The instructions of advice to a mentor.
        intake: What is said in the dating-goals conversation.
        intake_system: The instructions of reading an answer in it.
        quotations: All instructions, for seeing when a reply recites them.
    """

    phrases: Phrasebook
    cards: CrisisCards
    helplines: Helplines
    system: str
    prompt_version: str
    plans: PlanTexts
    plan_system: Instructions
    reviews: ReviewTexts
    review_system: Instructions
    moods: MoodLexicon
    copilot: ReviewTexts
    copilot_system: Instructions
    intake: IntakeBook
    intake_system: Instructions
    quotations: Quotations


@cache
def load_texts() -> Texts:
    """Reads and checks the files beside the code.

    Raises:
        ValueError, KeyError, TypeError: A file is not what it should be; the process must not start.
    """
    chat = load_instructions("chat_system.md")
    return Texts(
        phrases=Phrasebook.parse(tomllib.loads(_read("prompts", "offline.en.toml"))),
        cards=CrisisCards.parse(tomllib.loads(_read("prompts", "crisis.en.toml"))),
        helplines=Helplines.parse(json.loads(_read("helplines", "helplines.json"))),
        system=chat.text,
        prompt_version=chat.version,
        plans=PlanTexts.parse(tomllib.loads(_read("prompts", "plans.en.toml"))),
        plan_system=load_instructions("plan_system.md"),
        reviews=ReviewTexts.parse(tomllib.loads(_read("prompts", "reviews.en.toml"))),
        review_system=load_instructions("review_system.md"),
        moods=MoodLexicon.parse(tomllib.loads(_read("moods", "moods.en.toml"))),
        copilot=ReviewTexts.parse(tomllib.loads(_read("prompts", "copilot.en.toml")), least=2),
        copilot_system=load_instructions("copilot_system.md"),
        intake=IntakeBook.parse(tomllib.loads(_read("prompts", "intake.en.toml"))),
        intake_system=load_instructions("intake_system.md"),
        quotations=Quotations("\n".join(load_instructions(name).text for name in _instructions())),
    )


def load_instructions(name: str) -> Instructions:
    """A file of `prompts/` whose first line is its version.

    Raises:
        ValueError: It has none.
    """
    version, _, text = _read("prompts", name).partition("\n")
    if not version.startswith("version: "):
        raise ValueError(f"{name} begins with its version")
    return Instructions(version.removeprefix("version: ").strip(), text.strip())


def _instructions() -> list[str]:
    prompts = files("services.coach").joinpath("prompts")
    return sorted(file.name for file in prompts.iterdir() if file.name.endswith("_system.md"))


def _read(folder: str, name: str) -> str:
    return files("services.coach").joinpath(folder, name).read_text(encoding="utf-8")
