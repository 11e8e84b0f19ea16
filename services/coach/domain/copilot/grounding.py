"""Whether an answer to a mentor may leave: numbers and quotations stand in a record that their sentence cites."""

import re
from collections.abc import Iterator
from typing import Final

from services.coach.domain.copilot.claims import (
    bare,
    computes,
    freed,
    numbers,
    quotations,
    unquoted,
    whole_quotations,
)
from services.coach.domain.copilot.records import Records
from services.coach.domain.holdback import HoldBack, Quotations
from services.coach.domain.lints import MAX_WORDS, Judged, lint
from services.coach.domain.verdicts import sentences

# An answer to a mentor is longer than one to a member.
_MAX_WORDS = MAX_WORDS * 4
NO_INSTRUCTIONS: Final = Quotations("")
_CITED = re.compile(r"\[([a-z]\d{1,3}(?:\s*,\s*[a-z]\d{1,3})*)\]")
_POINT = re.compile(r"(?<=\d)\.(?=\d)")


def check(
    reply: str, actions: tuple[str, ...], records: Records, instructions: Quotations = NO_INSTRUCTIONS
) -> tuple[str, ...]:
    """The records that the reply cites, in the order of their first mention.

    Raises:
        ValueError: A number or a quotation is not in what its sentence cites, a cited record does not exist, or the
            reply says what no reply may; the message tells why.
    """
    for sentence in _cited_sentences(reply):
        _check_sentence(sentence, records)
    for action in actions:
        _check_sentence(action, records)
    everything = " ".join((_CITED.sub("", reply), *(_CITED.sub("", action) for action in actions)))
    holding = HoldBack(instructions)
    passed = holding.feed(everything) + holding.end()
    if holding.stopped is not None or passed != everything:
        raise ValueError("it diagnoses, directs treatment, names a method, recites instructions, has a link or markup")
    broken = {"L1", "L5", "L9"}.intersection(lint(Judged(everything, actions or ("-",), max_words=_MAX_WORDS)))
    if broken:
        raise ValueError(f"it breaks {', '.join(sorted(broken))}")
    return tuple(dict.fromkeys(ref for sentence in (reply, *actions) for ref in _refs(sentence)))


def _cited_sentences(text: str) -> Iterator[str]:
    """Sentences with the citations that stand behind their full stops as well."""
    marked = _CITED.sub(lambda found: "⟦" + found[1] + "⟧", text)
    for line in _POINT.sub("⸱", marked).split("\n"):
        joined = re.sub(r"([.!?][”\"»’']?)\s*(⟦[^⟧]*⟧)", r" \2\1", whole_quotations(line))
        for sentence in sentences(joined):
            yield freed(sentence).replace("⟦", "[").replace("⟧", "]").replace("⸱", ".")


def _check_sentence(sentence: str, records: Records) -> None:
    refs = _refs(sentence)
    unknown = [ref for ref in refs if ref not in records.by_ref]
    if unknown:
        raise ValueError(f"there is no record {', '.join(unknown)}")
    cited, bare_sentence = [records.by_ref[ref] for ref in refs], _CITED.sub(" ", sentence)
    claimed = [unquoted(bare_sentence)]
    titles = [bare(record.title) for record in records.by_ref.values() if record.title]
    for quotation in quotations(bare_sentence):
        if any(quotation.bare in title for title in titles):
            continue
        if any(quotation.bare in bare(record.words) for record in cited):
            continue
        if not quotation.is_proposed:
            raise ValueError("it quotes what is no title and stands in no record that the sentence cites")
        claimed.append(quotation.text)
    known = {number for record in cited for number in record.numbers}
    strange = [number for text in claimed for number in numbers(text) if number not in known]
    if strange:
        raise ValueError(f"{', '.join(strange)} is in no record that the sentence cites, in digits or in words")
    if any(map(computes, claimed)):
        raise ValueError("it computes a figure that no record holds")


def _refs(text: str) -> list[str]:
    return [ref.strip() for group in _CITED.findall(text) for ref in group.split(",")]
