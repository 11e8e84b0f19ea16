"""Bytes that are no JSON, by kind, most of them made by a rule so that a kind has no gaps.

What is no JSON is judged by a parser that is not the one under attack: what it takes is left out. The kinds, and how
they cover those of the JSON test suite, are in docs/adr/0074.
"""

import itertools
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import orjson

_DATA = Path(__file__).with_name("data")

# What stands between quotes and is no text, as bytes of a body.
NO_TEXT = [
    *(
        b"\\u0000",
        b"a\x00b",
        b"\\ud800",
        b"\\udfff",
        b"\\udc00\\ud800",
        b"\\ud83d\\u0041",
        b"\\ud83dx",
        b"a\tb",
        b"a\nb",
    ),
    *(b"a\x1fb", b"\\x41", b"\\u12", b"\\", b"\xff", b"\xfe\xff", b"\x80", b"\xe2\x82", b"\xf0\x9f\x98", b"\xc0\xaf"),
    *(b"\xc1\xbf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xf0\x80\x80\xaf", b"\xf4\x90\x80\x80"),
    b"\xf8\x88\x80\x80\x80",
]
_DOCUMENTS = (
    b'{"title": "Run", "with_plan": true, "target": null}',
    b'{"a": [1, -2.5e+3, 0], "b": {"c": "\\u00e9\\n"}}',
    b'[["x"], {}, [], false, 10]',
    *(b"[]", b"[1]", b'["a"]', b"[true, 1]", b"[[1]]", b"{}", b'{"a": "b"}', b'{"a": 0}', b'{"x": true, "y": "z"}'),
    *(b'"a"', b'""', b"2", b"null", b'["\\\\"]', b'["\\u00e5"]'),
)
_INTRUDERS = (
    *(bytes([byte]) for byte in b"{}[],:\"\\'0-+.eE/*#@<x\x00\x0b\x0c\x1f\xa0\xe5\xff"),
    *(
        b'"a"',
        b"'a'",
        b" 123",
        b"#{}",
        b' "x"',
        b', "a"',
        b",,,,",
        b"abc",
        b"/",
        b"/**//",
        b"//",
        b"/**/",
        b"/*x*/",
        b"<!--",
        b"NaN",
        b"Inf",
        b"nul",
        b"tru",
        b"None",
        b"\\u0020",
        b"\\n",
        b",,",
    ),
    *(text.encode() for text in ("\u00e9", "\u00a0", "\u2028", "\u2060", "\ufeff", "\U0001f1e8\U0001f1ed")),
)
_TOKENS = (b"[", b"]", b"{", b"}", b":", b",", b'"a"', b"1", b"null")
_MOST_TOKENS = 4


def _all_of(*parts: Iterable[bytes]) -> Iterator[bytes]:
    return (b"".join(chosen) for chosen in itertools.product(*parts))


def _cut_and_changed() -> Iterator[bytes]:
    """Every document cut at every place, with every byte left out, with every intruder everywhere, in other quotes."""
    for document in _DOCUMENTS:
        yield from (document.replace(b'"', quote) for quote in (b"", b"'", b"`", "\u201c".encode(), b'\\"'))
        for place in range(len(document)):
            yield document[:place]
            yield document[:place] + document[place + 1 :]
            for intruder in _INTRUDERS:
                yield document[:place] + intruder + document[place:]
        yield from (document + intruder for intruder in _INTRUDERS)


def _structures() -> Iterator[bytes]:
    """Every order of up to four tokens: commas and colons in wrong places, what is not closed, what is closed twice."""
    for count in range(1, _MOST_TOKENS + 1):
        yield from (b" ".join(tokens) for tokens in itertools.product(_TOKENS, repeat=count))


def _numbers() -> Iterator[bytes]:
    """Signs, digits, fractions, exponents and what may follow them, in every combination, in a list."""
    signs = (b"", b"-", b"+", b"+-", b"- ", b".")
    digits = (b"", b"0", b"1", b"00", b"0x1", b"1_0", b"\xef\xbc\x91", b"Inf", b"NaN", b"foo")
    fractions = (b"", b".", b".5", b".5.", b".-1")
    exponents = (b"", b"e", b"E+", b"e-", b"e1", b"ee1", b"e1.5", b"ex")
    endings = (b"", b"a-3", b"-", b"+2", b" 000.0", b"H-308", b"\xe5", b"\x00")
    return (b"[" + number + b"]" for number in _all_of(signs, digits, fractions, exponents, endings))


def _words() -> Iterator[bytes]:
    """The three words cut short, lengthened, in other letters and in other quotes, as values and alone."""
    for word in (b"true", b"false", b"null"):
        others = {word[:end] for end in range(1, len(word))} | {word + b"x", word + word, word.upper(), word.title()}
        for other in [*sorted(others), b"'%b'" % word, b"`%b`" % word, b"<%b>" % word]:
            yield from (other, b"[%b]" % other, b"[1, %b" % other, b'{"a": %b}' % other, b"{%b: 1}" % other)


def _escapes() -> Iterator[bytes]:
    """A backslash before every byte, escapes of too few digits, and halves of pairs before every kind of ending."""
    text = [b"\\" + bytes([byte]) for byte in range(256)]
    text += [
        b"\\u" + digits for digits in (b"", b"1", b"12", b"123", b"12g4", b"qqqq", b"\xe5", b"+123", b" 123", b"{41}")
    ]
    halves = (b"\\uD800", b"\\uDFFF", b"\\uD834")
    text += _all_of(halves, (b"", b"x", b"\\", b"\\u", b"\\u1", b"\\u1x", b"\\uDd", b"\\n", b"\\uD800", b"\\uD800\\x"))
    for each in (*text, *NO_TEXT):
        yield from (b'["%b"]' % each, b'{"%b": 1}' % each, b'["%b' % each, b"[%b]" % each)


def _encodings() -> Iterator[bytes]:
    """JSON in other encodings, and marks of byte order, whole and cut."""
    for document in (*_DOCUMENTS, b"{}", b"[]", b'"\xc3\xa9"', b"1"):
        for encoding in ("utf-16", "utf-32", "utf-16-le", "utf-16-be", "utf-8-sig"):
            yield document.decode().encode(encoding)
        yield from (mark + document for mark in (b"\xef\xbb", b"\xef", b"\xfe\xff", b"\xff\xfe"))
    yield from (b"\xef\xbb\xbf", '["\u00e9"]'.encode("latin-1"))


def _deep() -> Iterator[bytes]:
    """Open without an end, to any depth."""
    for opening in (b"[", b'{"":', b'[{"":', b'["\\{'):
        yield from (opening * depth for depth in (1, 2, 33, 500, 5_000, 50_000))


def _written() -> Iterator[bytes]:
    """What no rule makes."""
    yield from (text.encode() for text in json.loads((_DATA / "no_json.json").read_text()))


def _is_json(body: bytes) -> bool:
    try:
        orjson.loads(body)
    except orjson.JSONDecodeError:
        return False
    return True


def _wrong(bodies: Iterable[bytes]) -> list[bytes]:
    return [body for body in dict.fromkeys(bodies) if not _is_json(body)]


NO_JSON = {
    "written": _wrong(_written()),
    "cut and changed": _wrong(_cut_and_changed()),
    "structures": _wrong(_structures()),
    "numbers": _wrong(_numbers()),
    "words": _wrong(_words()),
    "escapes": _wrong(_escapes()),
    "encodings": _wrong(_encodings()),
    "deep": _wrong(_deep()),
}
# Good JSON that parsers read in different ways, or that no number of ours can be.
DOUBTFUL = [
    *(b"[%b]" % number for number in (b"1e400", b"-1e400", b"1e9999999999", b"0.4e99669999999999", b"-1e-9999999999")),
    *(b"[" + sign + b"9" * digits + b"]" for sign in (b"", b"-") for digits in (21, 100, 5_000)),
    *(b"[123.456e-789]", b"[123e-10000000]", b"[1E400]", b"[-123123e100000]"),
    *(b"[" * depth + b"]" * depth for depth in (33, 500, 5_000)),
    *(b'{"a": 1, "a": 2}', b'{"a": {"b": 1, "\\u0062": 2}}', b'{"\\ud800": 1}', b'{"\\udfaa": 0}', b'["\\u0000"]'),
]


def no_json(count: int) -> list[bytes]:
    """Some `count` bodies that are no JSON: all that is written down, and of each other kind as many as of the next."""
    written = NO_JSON["written"]
    others = [bodies for kind, bodies in NO_JSON.items() if kind != "written"]
    share = max(1, (count - len(written)) // len(others))
    return [*written, *(body for bodies in others for body in bodies[:: -(-len(bodies) // share)])]
