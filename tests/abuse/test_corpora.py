"""The corpora are as large as docs/adr/0074 says, and a kind that lost its cases is noticed."""

import re
from pathlib import Path

from tests.abuse.bodies import DOUBTFUL, NO_JSON
from tests.abuse.corpus import ALL_TEXTS, TEXTS

ADR = (Path(__file__).parents[2] / "docs/adr/0074-corpora-of-our-own-stand-for-the-known-lists.md").read_text()
_LINE = re.compile(r"^\| (?P<kind>[a-z ]+) \|.*\| (?P<count>[\d ]+) \|$", re.MULTILINE)


def counted(text: str) -> int:
    return int(text.replace(" ", ""))


def test_every_kind_of_body_is_as_large_as_it_is_said_to_be():
    told = {line["kind"]: counted(line["count"]) for line in _LINE.finditer(ADR)}

    assert told == {kind: len(bodies) for kind, bodies in NO_JSON.items()} | {"doubtful": len(DOUBTFUL)}


def test_all_of_them_are_as_many_as_is_said():
    bodies, texts, kinds = re.findall(r"All ([\d ]+) go to .*?The (\d+) texts are of (\d+) kinds", ADR, re.DOTALL)[0]

    assert counted(bodies) == sum(map(len, NO_JSON.values()))
    assert (int(texts), int(kinds)) == (len(ALL_TEXTS), len(TEXTS))
