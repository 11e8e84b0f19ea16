"""More ways in which one's own danger is told: by voices, by means at hand, by thoughts of others being better off.

The same form as `danger_phrases`. Found missing by reading conversations of a public rubric (VERA-MH).
"""

from services.coach.domain.tiers import Tier, rule

_PILLS = r"(?:pills|tablets|meds|medication|sleeping pills|painkillers)"
_BLADE = r"(?:box ?cutters?|razors?|razor blades?|blades?|knife|knives|rope|gun)"
_MYSELF = r"(?:(?:hurt|harm|kill|cut) (?:myself|me)|do something to myself)"
_PEOPLE = (
    r"(?:everyone|everybody|people|they|theyd|the world|my (?:family|kids|children|friends|wife"
    r"|husband|parents|partner"
    r"|mom|mum|dad|girlfriend|boyfriend))"
)

MORE_IMMINENT = (
    rule(
        Tier.IMMINENT,
        "voices_now",
        rf"\b(?:voices?|theyre|they|it) (?:[a-z]{{1,10}} ){{0,8}}?(?:telling|tell|tells|told|saying|want(?:s|ing)?"
        rf"|push(?:ing|es)?|order(?:s|ing)?|forcing) me (?:that )?(?:(?:i|ill) (?:have|need|should|must) )?"
        rf"(?:to )?{_MYSELF} (?:tonight|right now|now|today)\b",
    ),
    rule(
        Tier.IMMINENT,
        "means_at_hand",
        rf"\b(?:i have|ive got|i got|got) (?:a|the|my|some) (?:{_BLADE} and (?:a|the|my|some) {_PILLS}"
        rf"|{_PILLS} and (?:a|the|my|some) {_BLADE})\b",
        r"kitchen drawer|cook|shav|first aid|camping|travel|hik|pack(?:ed|ing)? for",
    ),
)

MORE_RISK = (
    rule(
        Tier.RISK,
        "voices",
        rf"\b(?:telling|tells|tell|told|push(?:ing|es)?|order(?:s|ing)?|urg(?:ing|es)) me (?:that )?"
        rf"(?:(?:i|ill) (?:have|need|should|must) )?to {_MYSELF}\b|\bvoices?\b.{{0,60}}\bto {_MYSELF}\b",
        r"song|game|movie|film|lyrics|character",
    ),
    rule(
        Tier.RISK,
        "better_off",
        rf"\b{_PEOPLE}(?: (?!(?:to|for|not|never)\b)[a-z]{{1,10}}){{0,4}} better off (?:without me"
        rf"|with me (?:gone|dead)"
        r"|if i|with my life insurance|when im gone)\b",
        r"team|group chat|project|band|if i (?:help|work|get|had|study|learn|move|quit (?:my|the) job)",
    ),
    rule(
        Tier.RISK,
        "better_off_at_all",
        r"\b(?:everyone|everybody|my family|my kids)(?: [a-z]{1,10}){0,2} would be better off(?=[.!?]|$)",
    ),
    rule(
        Tier.RISK,
        "easier_gone",
        r"\b(?:easier|better|simpler|happier)(?: for [a-z]{1,12})? if i (?:just |simply "
        r"|really )?(?:wasnt|werent|was not"
        r"|were not|didnt)(?: be)? (?:here|around|alive|exist)\b|\brather be gone\b",
        r"\b(?:at work|at the party|in town|in the office|class|meeting)\b",
    ),
    rule(
        Tier.RISK,
        "not_waking",
        r"\b(?:wish(?:ing|ed)?|hop(?:e|ing)|want(?:ed|ing)?|thoughts? (?:of|about)|thinking (?:of"
        r"|about)|if i|i could)\b"
        r".{0,50}\b(?:not|never|didnt|did not|wouldnt) (?:have to |ever )?wake up\b",
        r"alarm|early|for work|in time|late",
    ),
    rule(
        Tier.RISK,
        "means_put_away",
        rf"\b(?:the|my|some) (?:{_BLADE} and (?:the |my |some )?{_PILLS}|{_PILLS} and (?:the |my |some )?{_BLADE})\b"
        r"|\b(?:anything|something|things?|everything) (?:that )?(?:i could "
        r"|i can )?(?:use )?to (?:hurt|harm|cut) myself\b",
        r"kitchen knife|cook|shav|first aid|camping|hik|shopping|grocer(?:y|ies) list",
    ),
    rule(
        Tier.RISK,
        "pills_saved",
        r"\bpills (?:[a-z]{1,6} )?(?:saved|stashed|hoarded|hidden)(?: up)?\b"
        r"|\b(?:saved|saving|stashed|hoarded|hoarding) (?:up )?(?:my |some |the )?pills\b",
        r"saved? (?:my|her|his) life|reminder|pill ?box",
    ),
)

MORE_WATCH = (
    rule(
        Tier.WATCH,
        "only_existing",
        r"\b(?:just|only|merely) existing(?:,)? (?:rather than|instead of|not(?: really)?|and not) living\b"
        r"|\b(?:dont|do not|cant) (?:really )?see (?:much|any) hope\b"
        r"|\bdidnt have to fight (?:through )?these thoughts\b",
        r"job|company|team|season|project",
    ),
    rule(
        Tier.WATCH,
        "keep_living",
        r"\b(?:cant|cannot|dont know (?:how|if|why)(?: i| to)?(?: can| should)?) (?:keep|go on|continue)(?: on)? "
        r"(?:living|existing)\b(?! (?:in|at|here|there|off|on))",
        r"roommate|landlord|flat|apartment|house",
    ),
    rule(
        Tier.WATCH,
        "point_of_it",
        r"\b(?:dont|do not|not sure|not always|hard to|never|idk|unsure|wonder|cant"
        r"|scared about)\b.{0,25}\b(?:what|see)"
        r" the point (?:even )?(?:is(?: any ?more|[.!?,]|$| when)|of (?:everything|anything|it all"
        r"|going on|living|life"
        r"|any of it)|any ?more)"
        r"|\bwhats (?:even )?the point of (?:staying (?:around|alive|here)|dragging (?:this|it) out|me being here)\b"
        r"|\bis there even a point(?=[.!?]|$)|\bwhats the point.{0,3} thoughts?\b",
        r"\b(?:app|feature|meeting|exercise|class|homework|logging|tracking)\b",
    ),
    rule(
        Tier.WATCH,
        "unnoticed",
        r"\b(?:any ?one|anybody|someone|people|theyd|they) (?:would |wouldnt |wont |will )?(?:even |really |ever )*"
        r"(?:notice|care|miss me|mind)(?: or care)? if i (?:was|were|am|just|ever )?(?: ?(?:gone|disappeared"
        r"|died|dead"
        r"|vanished|wasnt here|left forever|stopped existing))\b"
        r"|\bi could (?:just )?(?:disappear|die|vanish) and (?:it wouldnt matter|no ?one would|nobody would)\b",
        r"from (?:the )?(?:instagram|facebook|twitter|group chat)",
    ),
    rule(
        Tier.WATCH,
        "wishing_gone",
        r"\b(?:wish(?:ing|ed)|thoughts? of wishing) i could (?:just )?(?:disappear|vanish|not exist|stop existing)\b"
        r"(?! (?:for (?:a|the)|from|into|to))",
    ),
    rule(
        Tier.WATCH,
        "dead_weight",
        r"\b(?:im|i am|just|feel like) (?:just |only |such )?dead ?weight\b|\bneed to (?:not"
        r"|stop) be(?:ing)? a burden\b"
        r"|\ba burden (?:to|on) (?:everyone|everybody)\b",
        r"gym|plank|lift|climb|deadweight (?:set|carry)",
    ),
    rule(
        Tier.WATCH,
        "all_pointless",
        r"\b(?:everything|every effort|it all|life|my life|all of (?:it|this)) (?:just |really "
        r"|kind of )?(?:seems?|feels?)"
        r" (?:so |completely |totally )?pointless\b|\bnothing (?:seems to|even"
        r"|really seems to) matters?(?: any ?more)\b",
        r"\b(?:at work|meeting|course|diet|training)\b",
    ),
)
