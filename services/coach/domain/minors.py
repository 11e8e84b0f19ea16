"""Whether somebody says of themselves that they are under age, as people say it: "I'm 17 how do I …", "single and 15".

A number behind "I'm" is an age unless it counts something: what counts is told by the word behind it.
"""

import re
from typing import Final

_AGE: Final = (
    r"(?:1[0-7]|[89]|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen)"
    # Nothing that makes another number, a time, a share or a size of it.
    r"(?![\d.,:/'%°]\d|[/%°\"]|th\b|-(?!year|yr|yo)| ?(?:out )?of (?!age)| to \d| in a row| and \d)"
)
# Plural words are counted things ("I'm 15 minutes late"); these end in an s and are none.
_NO_PLURAL: Final = (
    r"(?:is|its|was|as|his|this|thus|always|sometimes|perhaps|besides|unless|yes|us|theres|thats|whats|hows|shes|hes"
    r"|lets|plus|guys|girls|boys|has|does)\b"
)
_COUNTS: Final = (
    rf"(?! ?(?:years?+|yrs?+)(?![ -]?olds?\b| of age\b| ?[.,!?;]| ?$)| (?!(?:years?+|yrs?+)\b|{_NO_PLURAL})[a-z]+s\b"
    r"| ?(?:km|k|kg|kilo|lb|mi|mile|min|minute|hr|hour|h|s|sec|week|day|month|percent|points?|stone|feet|foot|ft|inch"
    r"|cm|m away|am|pm|more|less|weeks?|step|down|ahead|behind|short|late|push|pull|sit)\b)"
)
_IS: Final = r"(?<!like )(?<!as if )(?:im|i am|i just turned|i turned|just turned|ill be|turning|aged?|as an?)"
_SELF: Final = rf"\b{_IS} (?:an? |only |just |like |almost |still |actually |barely |nearly )*{_AGE}{_COUNTS}"
# "I'm single and 15": something else comes first, so the end has to show that the number stands alone.
_AND_AGE: Final = (
    rf"\b(?:im|i am)(?: \w+){{1,4}}(?:,| and| but|, and) (?:only |just |i am |im )?{_AGE}"
    r"(?=[ -](?:years?|yrs?)[ -]old| ?yo\b| ?y/?o\b|[.,!?;)]| (?:and|but|so|with|how|what|is|can|do|should) | ?$)"
)
_AT_SCHOOL: Final = (
    r"\b(?:im|i am) (?:still )?in (?:middle school|junior high|(?:the )?(?:[6-9]th|10th|sixth|seventh|eighth|ninth"
    r"|tenth) grade|year (?:[789]|10|11))\b|\b(?:im|i am) a minor\b|\b(?:im|i am) under ?(?:age|18)\b"
)
MINOR: Final = re.compile(rf"{_SELF}|{_AND_AGE}|{_AT_SCHOOL}")
# What makes a number an answer that matters: a talk about love, in words that adults use of people as well.
COURTING: Final = re.compile(
    r"\b(?:girls?|boys?|gf|bf|girlfriends?|boyfriends?|kiss\w*|sex\w*|virgin|hook(?:ing)? ?up|make out|in love|crush\w*"
    r"|dat(?:e|es|ing)|flirt\w*|ask(?:ing)? (?:her|him|them|someone) out|single|relationship|tinder|my ex)\b"
)
