"""The form of a review, a report or a post that every provider answers in, rules and models alike."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from services.coach.domain.reviews.writer import Review

Step = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class ReviewText(BaseModel):
    """What is said, with small things to do next."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
    action_steps: Annotated[list[Step], Field(min_length=1, max_length=3)]

    def review(self) -> Review:
        """The same for the domain."""
        return Review(self.text, tuple(self.action_steps))


def content(review: Review) -> dict[str, object]:
    """What the rules wrote, in this form."""
    return {"text": review.text, "action_steps": list(review.action_steps)}
