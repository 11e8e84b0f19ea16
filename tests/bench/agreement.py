"""Before anything is measured: the subjects give the same figures for the same question."""

from collections.abc import Mapping
from typing import Any, Final

import httpx

from tests.bench.subjects import Kind, Subjects

# What differs from answer to answer by its nature.
_OF_THE_MOMENT: Final = ("id", "occurred_at", "create_time", "update_time")


class Disagreement(RuntimeError):
    """Two subjects answer differently, so that comparing their speed would mean nothing."""


async def check(subjects: Subjects) -> None:
    """Asks `a` and `b` for some goals and check-ins, and the proxy for a success.

    Raises:
        Disagreement: An answer differs, or is no success.
    """
    for number in range(0, len(subjects.members), len(subjects.members) // 8):
        for kind in Kind:
            ours, peer = [await _answer(subjects, letter, kind, number) for letter in ("a", "b")]
            if _lasting(ours) != _lasting(peer):
                raise Disagreement(f"{kind}: a and b differ: {ours} {peer}")
            await subjects.stack.empty_buckets()
    if "c" in subjects.letters:
        for kind in Kind:
            await _answer(subjects, "c", kind, 0)


async def _answer(subjects: Subjects, letter: str, kind: Kind, number: int) -> Mapping[str, Any]:
    rendered = subjects.requests(letter, kind)[number].replace("@key@", f"agreement-{number}")
    head, _, body = rendered.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    method, target, _ = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines if not line.startswith(("Host", "Content-Length")))
    async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
        url = f"http://127.0.0.1:{subjects.stack.ports[letter]}{target}"
        answer = await client.request(method, url, headers=headers, content=body)
    if not answer.is_success:
        raise Disagreement(f"{kind}: {letter} answers {answer.status_code}: {answer.text[:400]}")
    content: dict[str, Any] = answer.json()
    return content


def _lasting(answer: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without what is of the moment; the progress of a check-in is compared apart from the entries before it."""
    if "activity" in answer:
        return {"activity": _lasting(answer["activity"])}
    return {name: value for name, value in answer.items() if name not in _OF_THE_MOMENT}
