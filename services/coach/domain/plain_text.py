"""Text as rules want to read it: lower case, no accents, no apostrophes, disguises undone."""

import re
import unicodedata

# Letters that look alike in Cyrillic and Greek; applied only to words that mix scripts, which honest words do not.
_LOOKALIKES = str.maketrans("аеорсхуікмтнвαορικνυ", "aeopcxyikmthbaopiknu")
_LEET = str.maketrans("!134570@$€", "ileastoase")
_INVISIBLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
_CONTROLS = {code: " " for code in (*range(32), 127) if code != ord("\n")}
_APOSTROPHES = re.compile(r"['’‘`´ʼ＇]")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]+")
_SPACES = re.compile(r"[^\S\n]+")
_DISGUISE = re.compile(r"[!134570@$€\u0370-\u03ff\u0400-\u04ff]")
_DISGUISED = re.compile(r"(?<!\S)(?=\S{0,30}[!134570@$€\u0370-\u03ff\u0400-\u04ff])\S{1,40}")
_MIXED = re.compile(r"(?=.*[a-z])(?=.*[!134570@$€])")
_FOREIGN = re.compile(r"(?=.*[a-z])(?=.*[\u0370-\u03ff\u0400-\u04ff])")
_STRETCHED = re.compile(r"([a-z])\1\1+")
_TWO = re.compile(r"(?<=[a-z]) 2 (?=[a-z])")
_SPELLED_OUT = re.compile(r"(?<![a-z])(?:[a-z][ .\-_*]+){3,}[a-z](?![a-z])")


def without_invisibles(text: str) -> str:
    """NFKC without zero-width, bidirectional and control characters; line breaks and tabs become spaces or newlines."""
    if text.isascii():
        return text.translate(_CONTROLS)
    shown = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    # Most texts are printable as they are; looking at each character costs much more than asking that.
    if shown.replace("\n", "").isprintable():
        return shown
    return "".join(
        character if character == "\n" or unicodedata.category(character)[0] != "C" else " " for character in shown
    )


def plain(text: str) -> str:
    """Lower case, without accents, apostrophes, invisible characters and runs of spaces: `don’t` reads `dont`."""
    folded = without_invisibles(text).casefold()
    if folded.isascii():
        folded = folded.replace("'", "").replace("`", "")
        # Line breaks apart, all that is white is a single space by now.
        return (_SPACES.sub(" ", folded) if "  " in folded else folded).strip()
    bare = _BEYOND_ASCII.sub(_without_marks, unicodedata.normalize("NFKD", _APOSTROPHES.sub("", folded)))
    return _SPACES.sub(" ", bare).strip()


def _without_marks(found: re.Match[str]) -> str:
    return "".join(c for c in found[0] if not unicodedata.combining(c))


def views(text: str) -> tuple[str, ...]:
    """The ways in which a text may be meant: as written, with disguised letters undone, with spelled-out words joined.

    Only views that differ are returned, the plain one first.
    """
    written = plain(text)
    undone = _TWO.sub(" to ", written) if " 2 " in written else written
    if _DISGUISE.search(undone):
        undone = _DISGUISED.sub(_undisguise, undone)
    undone = _STRETCHED.sub(_unstretch, undone)
    joined = _SPELLED_OUT.sub(lambda run: re.sub(r"[ .\-_*]", "", run[0]), undone)
    return tuple(dict.fromkeys((written, undone, joined)))


def words(text: str) -> frozenset[str]:
    """The words of three letters and more, for comparing two texts."""
    return frozenset(re.findall(r"[a-z]{3,}", plain(text)))


def _unstretch(found: re.Match[str]) -> str:
    """`diiie` is `die`, `killll` is `kill`: vowels once, consonants twice."""
    return found[1] if found[1] in "aeiouy" else found[1] * 2


def _undisguise(found: re.Match[str]) -> str:
    word = found[0]
    if _FOREIGN.match(word):
        word = word.translate(_LOOKALIKES)
    core = word.rstrip("!?.,;:")
    if _MIXED.match(core):
        word = core.translate(_LEET) + word[len(core) :]
    return word
