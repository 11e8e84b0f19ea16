"""Examples of bodies and answers for the API's description; a test holds them to their models."""

from collections.abc import Mapping
from typing import Any, Final

from pydantic import BaseModel

from gateway.routes.answers import Page
from gateway.routes.examples.answers import ANSWERS as _ANSWERS
from gateway.routes.examples.coach import COACH_ANSWERS
from gateway.routes.examples.requests import REQUESTS

__all__ = ["ANSWERS", "REQUESTS", "of_answer", "of_request"]

ANSWERS: Final[Mapping[Any, Any]] = {**_ANSWERS, **COACH_ANSWERS}


def of_request(model: type[BaseModel]) -> dict[str, Any]:
    """The examples of a body, as OpenAPI holds them."""
    return {name: {"value": value} for name, value in REQUESTS[model].items()}


def of_answer(model: Any) -> Any:
    """An example of an answer; of a page one with a single item."""
    generic = model.__pydantic_generic_metadata__
    if generic["origin"] is Page:
        return {"items": [ANSWERS[generic["args"][0]]], "next_page_token": None}
    return ANSWERS[model]
