"""One HTTP request on its way through an endpoint, and the endpoint's answer."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson

from chassis.errors import DeadlineExceeded, NotImplementedYet, Unavailable
from chassis.identity.principal import Principal
from chassis.request import RequestContext
from gateway.app.preconditions import wanted_etag
from gateway.limits.buckets import Bucket
from gateway.limits.limiter import count_refusal
from gateway.problems import Problem, malformed
from gateway.tokens.sessions import Session

if TYPE_CHECKING:
    from gateway.app.parts import Parts

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Header = tuple[bytes, bytes]

MAX_KEY_CHARACTERS = 255


@dataclass(slots=True)
class Call:
    """What an endpoint may know of its request.

    Attributes:
        parts: What the process is made of.
        context: The request at hand, as the chassis sees it.
        session: The signed-in caller; None on public operations.
        headers: Header fields by lower-case name; of repeated ones the last.
        subject: Whose address the request came from, as buckets name it.
        idempotency_key: The client's, or one made for this request, after the name of the operation.
        key_is_given: True when the client sent the key.
    """

    parts: "Parts"
    context: RequestContext
    session: Session | None
    headers: Mapping[bytes, bytes]
    subject: str
    idempotency_key: str = ""
    key_is_given: bool = False

    @property
    def principal(self) -> Principal:
        """On whose behalf."""
        return self.context.principal

    @property
    def member_id(self) -> UUID:
        """The signed-in member; only where the operation asks for one."""
        if self.session is None:
            raise RuntimeError("a public operation has no member")
        return self.session.member_id

    @property
    def client_key(self) -> str | None:
        """The client's own `Idempotency-Key`, for what the gateway keeps itself; None when there was none."""
        return self.idempotency_key.partition(":")[2] if self.key_is_given else None

    def resolve_member(self, member_id: str) -> str:
        """A member id from a path, `me` standing for the caller's own."""
        return str(self.member_id) if member_id == "me" else member_id

    @property
    def etag(self) -> str:
        """What `If-Match` asks for, as a request's `etag`; empty where it asks for nothing.

        Raises:
            Problem: 400 for what is no list of entity tags, 412 where none can match.
        """
        return wanted_etag(self.headers.get(b"if-match"))

    async def take_tokens(self, *buckets: Bucket) -> None:
        """Takes tokens from buckets that only the endpoint knows of, for example those of an account.

        Raises:
            Problem: 429.
        """
        verdict = await self.parts.limiter.take(buckets)
        if not verdict.admitted:
            count_refusal(verdict)
            raise Problem(
                "quota-exceeded",
                "Too many requests. Wait a little.",
                retry_after_s=verdict.retry_after_s,
                headers=verdict.header_fields(),
            )


@dataclass(slots=True)
class Reply:
    """An endpoint's answer.

    Attributes:
        content: What is sent as JSON; None for no body; bytes are sent as they are.
        status: The HTTP status; None for the operation's own.
        etag: The entity tag of what is shown, without quotes.
        media_type: Of bytes.
        headers: More header fields.
        stream: Pieces of a streamed answer, in place of `content`. The first is empty and taken before the answer
            begins: what fails until then is an ordinary problem with its own status.
    """

    content: Mapping[str, Any] | list[Any] | bytes | None = None
    status: int | None = None
    etag: str = ""
    media_type: bytes = b"application/json"
    headers: list[Header] = field(default_factory=list)
    stream: AsyncGenerator[bytes, None] | None = None

    @classmethod
    def created(cls, content: Mapping[str, Any], location: str, *, etag: str = "") -> "Reply":
        """What was made, and the address that names it."""
        return cls(content, etag=etag, headers=[(b"location", location.encode("ascii"))])

    def body(self) -> bytes:
        """The body, as bytes."""
        if self.content is None:
            return b""
        return self.content if isinstance(self.content, bytes) else to_json(self.content)


def to_json(content: Mapping[str, Any] | list[Any]) -> bytes:
    """JSON as the API writes it: instants end in `Z`."""
    return orjson.dumps(content, option=orjson.OPT_UTC_Z)


def read_key(given: bytes) -> str:
    """Checks an `Idempotency-Key`.

    Raises:
        Problem: 400 unless it is 1 to 255 visible ASCII characters.
    """
    if not 1 <= len(given) <= MAX_KEY_CHARACTERS or not all(0x21 <= byte <= 0x7E for byte in given):
        raise malformed(f"Idempotency-Key must be 1 to {MAX_KEY_CHARACTERS} visible ASCII characters.")
    return given.decode("ascii")


async def unless_unavailable(work: Awaitable[Any]) -> Any:
    """The result, or None when the part that would give it does not answer or is not built yet."""
    try:
        return await work
    except (Unavailable, NotImplementedYet, DeadlineExceeded, TimeoutError):
        return None
