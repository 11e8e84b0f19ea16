"""Operations: what the API can be asked, declared once beside each endpoint.

The declaration carries everything that the edge and the OpenAPI document need: path, access, limit class, deadline,
body model, answer model. An endpoint's parameters say what is bound: `call` is the request, names from the path are
ids, a model called `body` is the JSON body, a model called `query` the query string, `file` the bytes of an upload.
A request may leave out a `body` that has a default.
"""

import inspect
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeVar, get_type_hints

from pydantic import BaseModel

from gateway.app.call import Call, Reply
from gateway.app.guard import BODY_LIMIT_BYTES
from gateway.limits.buckets import PUBLIC, LimitClass

Endpoint = Callable[..., Awaitable[Reply]]
AnyEndpoint = TypeVar("AnyEndpoint", bound=Endpoint)

READ_S: Final = 2.0
WRITE_S: Final = 5.0
LIST_S: Final = 5.0
GENERATE_S: Final = 60.0
# Goals asks the coach for a plan and has 17 s for it and for the goal itself.
PLAN_S: Final = 18.0


class Access(Enum):
    """Who may call."""

    ANYONE = "anyone"
    MEMBER = "member"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that the API can be asked.

    Attributes:
        operation_id: Its name in OpenAPI, logs, metrics and traces.
        budget_s: Seconds until the answer is too late.
        limit: The class of limits it counts against; None for probes, which are not limited.
        is_reserved: Served from the share kept free for signing in, cries for help and probes when the process is full.
        is_keyed: Takes an `Idempotency-Key`.
        takes_etag: Takes `If-Match`.
        body_is_optional: A request without a body is as good as one with an empty object.
        is_built: False for what answers 501.
        shows_help: Its problems name places to get help: what was refused may have been a cry for it.
        refusals: Kinds of problems that are its own, for its description; others follow from what it takes.
        takes_file: Its body is a form with one file.
        files: Media types of the file that it answers with.
    """

    operation_id: str
    method: str
    path: str
    endpoint: Endpoint
    tag: str
    status: int
    access: Access
    budget_s: float
    limit: LimitClass | None
    body_limit_bytes: int
    answer: Any
    body_model: type[BaseModel] | None
    body_is_optional: bool
    query_model: type[BaseModel] | None
    path_names: tuple[str, ...]
    is_reserved: bool
    is_keyed: bool
    takes_etag: bool
    is_built: bool
    shows_help: bool
    refusals: tuple[str, ...]
    takes_file: bool
    files: tuple[str, ...]

    @property
    def is_write(self) -> bool:
        """True for methods that change something."""
        return self.method not in {"GET", "HEAD"}

    @property
    def summary(self) -> str:
        """The first line of the endpoint's docstring."""
        return (inspect.getdoc(self.endpoint) or self.operation_id).split("\n", 1)[0].rstrip(".")


class Routes:
    """Collects the operations of one module."""

    def __init__(self, tag: str) -> None:
        self._tag = tag
        self._operations: list[Operation] = []

    def __iter__(self) -> Iterator[Operation]:
        return iter(self._operations)

    def get(self, path: str, **options: Any) -> Callable[[AnyEndpoint], AnyEndpoint]:
        """Declares a read."""
        return self.declare("GET", path, **options)

    def post(self, path: str, **options: Any) -> Callable[[AnyEndpoint], AnyEndpoint]:
        """Declares a creation or a verb."""
        return self.declare("POST", path, **options)

    def put(self, path: str, **options: Any) -> Callable[[AnyEndpoint], AnyEndpoint]:
        """Declares a replacement."""
        return self.declare("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Callable[[AnyEndpoint], AnyEndpoint]:
        """Declares a change of some fields."""
        return self.declare("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Callable[[AnyEndpoint], AnyEndpoint]:
        """Declares a removal."""
        return self.declare("DELETE", path, **options)

    def declare(
        self,
        method: str,
        path: str,
        *,
        answer: Any = None,
        status: int = 200,
        access: Access = Access.MEMBER,
        budget_s: float | None = None,
        limit: LimitClass | None = PUBLIC,
        body_limit_bytes: int = BODY_LIMIT_BYTES,
        is_reserved: bool = False,
        takes_etag: bool = False,
        is_built: bool = True,
        shows_help: bool = False,
        refusals: tuple[str, ...] = (),
        is_keyed: bool = True,
        files: tuple[str, ...] = (),
        name: str | None = None,
    ) -> Callable[[AnyEndpoint], AnyEndpoint]:
        """Declares an operation; the endpoint stays as it is."""

        def register(endpoint: AnyEndpoint) -> AnyEndpoint:
            hints = get_type_hints(endpoint, localns={"Call": Call})
            self._operations.append(
                Operation(
                    operation_id=name or endpoint.__name__,
                    method=method,
                    path=path,
                    endpoint=endpoint,
                    tag=self._tag,
                    status=status,
                    access=access,
                    budget_s=budget_s or (READ_S if method == "GET" else WRITE_S),
                    limit=limit,
                    body_limit_bytes=body_limit_bytes,
                    answer=answer,
                    body_model=hints.get("body"),
                    body_is_optional=_has_default(endpoint, "body"),
                    query_model=hints.get("query"),
                    path_names=path_names(path),
                    # What may be a cry for help is let in to be read; the coach's own cap keeps it from filling all.
                    is_reserved=is_reserved or shows_help,
                    is_keyed=is_keyed and method in {"POST", "PUT", "PATCH", "DELETE"},
                    takes_etag=takes_etag,
                    is_built=is_built,
                    shows_help=shows_help,
                    refusals=refusals,
                    takes_file="file" in hints,
                    files=files,
                )
            )
            return endpoint

        return register


def _has_default(endpoint: Endpoint, name: str) -> bool:
    parameter = inspect.signature(endpoint).parameters.get(name)
    return parameter is not None and parameter.default is not inspect.Parameter.empty


def path_names(path: str) -> tuple[str, ...]:
    """Names of the parameters in a path template, in order."""
    return tuple(segment[1:-1] for segment in path.split("/") if segment.startswith("{"))
