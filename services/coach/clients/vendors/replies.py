"""What adapters share: a talk's turns, the limits of an answer, and models that cannot do without thinking."""

from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from services.coach.clients.providers import Delta
from services.coach.clients.vendors.failures import FailureKind, VendorFailed
from services.coach.clients.vendors.transport import MAX_TEXT
from services.coach.domain.conversation import Author
from services.coach.domain.prompting import Prompt, Turn

# A reply has at most 120 words; a form has at most a plan or a report in it.
REPLY_TOKENS: Final = 700
FORM_TOKENS: Final = 4_000
# Far more than so many tokens are; whatever runs on is stopped here, whoever counts its tokens.
REPLY_CHARACTERS: Final = 16_000

T = TypeVar("T")


def talk(prompt: Prompt) -> list[Turn]:
    """Earlier turns and the request as vendors take them: the member begins and ends, and the two take turns."""
    said: list[Turn] = []
    for turn in (*prompt.turns, Turn(Author.MEMBER, prompt.user)):
        if not turn.text or (not said and turn.author is Author.COACH):
            continue
        if said and said[-1].author is turn.author:
            turn = Turn(turn.author, f"{said.pop().text}\n\n{turn.text}")
        said.append(turn)
    return said


class Length:
    """Counts a reply that comes in pieces."""

    def __init__(self) -> None:
        self._characters = 0

    def delta(self, text: str) -> Delta:
        """The next piece.

        Raises:
            VendorFailed: There was too much already.
        """
        self._characters += len(text)
        if self._characters > REPLY_CHARACTERS:
            raise VendorFailed(FailureKind.BAD_PAYLOAD)
        return Delta(text)


def checked(text: str) -> str:
    """A whole answer.

    Raises:
        VendorFailed: It is empty, far too long, or came as bytes that are no text.
    """
    if not text.strip() or len(text) > MAX_TEXT or "\ufffd" in text:
        raise VendorFailed(FailureKind.BAD_PAYLOAD)
    return text


class Thinking:
    """Which models cannot be told to think little: a request that is refused for it is made once more without."""

    def __init__(self) -> None:
        self._always = set[str]()

    def may_be_named(self, model: str) -> bool:
        """Whether a request may speak of thinking at all."""
        return model not in self._always

    async def asking(
        self, model: str, ask: Callable[[], Awaitable[T]], *, is_about_thinking: Callable[[Exception], bool]
    ) -> T:
        """Makes a request, once more where the model's thinking is not for us to say.

        Args:
            model: Who is asked.
            ask: Makes the request anew, by what `may_be_named` says by then.
            is_about_thinking: Whether a refusal is about that.
        """
        # What another request learns while this one is under way says nothing about what this one named.
        was_named = self.may_be_named(model)
        try:
            return await ask()
        except Exception as problem:
            if not was_named or not is_about_thinking(problem):
                raise
        self._always.add(model)
        return await ask()
