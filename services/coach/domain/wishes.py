r"""How somebody says that they would rather not live: wishes, hopes to be hit, what death looks like from there.

The same form as `danger_phrases`.
"""

from services.coach.domain.means import VEHICLE
from services.coach.domain.tiers import Tier, rule

_KILL = (
    r"(?:kill(?:ing)? (?:myself|my self)|end(?:ing)? (?:my (?:own )?life|it all)|tak(?:e|ing) my (?:own )?life"
    r"|commit(?:ting)? suicide"
    r"|hang(?:ing)? myself|shoot(?:ing)? myself|drown(?:ing)? myself|stab(?:bing)? myself|strangl(?:e"
    r"|ing) myself|suffocat(?:e|ing) myself"
    r"|poison(?:ing)? myself|bleed(?:ing)? (?:out|to death)|blow(?:ing)? my (?:brains|head)(?: out| off)?"
    r"|slit(?:ting)? my (?:throat|wrists?)"
    r"|throw(?:ing)? myself (?:off|under|in front|out of|from)|step(?:ping)? (?:out )?(?:in front of|onto the tracks)"
    r"|driv(?:e|ing) (?:my |the )?(?:car )?(?:into (?:a|the) (?:wall|tree|river|lake|oncoming|truck|lorry"
    r"|barrier)|off (?:a|the) (?:bridge|cliff))"
    r"|starv(?:e|ing) myself to death)"
)
_HOPE = r"(?:hop(?:e|ed|ing)|wish(?:ed|ing)?|pray(?:ed|ing)?)"
_LAUGHING = r"laugh|embarrass|cringe|awkward|blush|\bshame\b"

WISHES = (
    rule(
        Tier.IMMINENT,
        "intent_by_other_ways",
        rf"\b(?:im|i am|am|ill|i will) (?:going to|gonna|about to|finna|planning to|ready to) (?:just )?{_KILL}",
        rf"{_LAUGHING}|\b(?:gym|workout|game)\b",
    ),
    rule(
        Tier.RISK,
        "other_ways",
        r"\b(?:think(?:ing)?|thoughts?|thought|dream(?:ing)?|fantasi[sz](?:e|ing)|imagin(?:e|ing)|urges?"
        r"|tempted|want(?:ed|s)?|wanna|feel like"
        r"|could(?: just)?|should(?: just)?|might|tried|trying|attempted|need|ready|decided|part of me wants"
        rf"|help me|about) (?:about |of |to )?(?:just )?{_KILL}",
        rf"{_LAUGHING}|kill(?:ing)? myself (?:laugh|at the gym|to (?:get|finish|meet|make|hit|reach))|(?:he|she"
        r"|they) (?:tried|wants?|wanted|attempted)",
    ),
    rule(
        Tier.RISK,
        "be_dead",
        r"\b(?:want(?:ed)?|wanna|wish|need|rather|hope|ready|going|like) (?:to )?(?:just )?(?:(?:disappear"
        r"|vanish|stop|go) and )?be dead\b(?! (?:last|weight|tired|serious|honest))"
        r"|\b(?:part|half|some|most|all|something) (?:of|in|inside) me (?:just |really |still |honestly "
        r"|always )?(?:want(?:s|ed)?|wish(?:es)?|need(?:s)?) (?:to )?"
        r"(?:just )?(?:die|be dead|not (?:exist|be here|wake up)|end it)\b"
        r"|\b(?:ready|rather|meant|time) to die(?=[.!?,]|$)|\blet me (?:just )?die(?=[.!?,]|$| already| please| now)",
        rf"{_LAUGHING}|\bgame\b|\blevel\b|boss fight",
    ),
    rule(
        Tier.RISK,
        "not_to_exist",
        r"\bwish(?:ed|ing)? (?:that )?(?:i|id) (?:just )?(?:didnt|did not|never|wouldnt|hadnt|had not|had never"
        r"|could not) (?:even )?(?:exist(?:ed)?|been born"
        r"|(?:ever )?wo(?:ken|ke) up)(?! (?:early|late|so|at|before|to|with))"
        r"|\b(?:want|wanted|wanna|wish|need|like|rather) (?:to |i could )?(?:just )?(?:stop existing"
        r"|cease to exist|stop living(?! (?:off|in|on|at|with|like|from|under|for|out))|stop being alive"
        r"|not exist)\b"
        r"|\b(?:want|wanna|going|rather|could|wish i could) (?:to )?(?:just )?(?:disappear|vanish|be gone"
        r"|go away) (?:for good|for ever|forever|permanently)"
        r"(?! (?:from|off) (?:social|instagram|facebook|work|this (?:app|group|city|town|country)))"
        r"|\blive (?:at all|without (?:him|her|them|you|my (?:wife|husband|son|daughter|mum|mom|dad)))(?=[.!?,]"
        r"|$| any ?more)",
        r"\b(?:i )?(?:can|could) live|(?:belly|fat|pimples?|debt|spam|ads)\b|learn(?:ed|ing)? to live",
    ),
    rule(
        Tier.RISK,
        "cannot_live",
        r"\b(?:cant|cannot|can not|couldnt|dont know how to) (?:keep (?:on )?living|keep being alive"
        r"|keep existing|go on living|stay alive"
        r"|live(?= any ?more| any longer|[.!?]|$))(?! (?:in|at|here|there|off|on|like|with|under|together))",
        r"roommate|landlord|flat\b|apartment|house\b|without (?:coffee|chocolate|music|wifi|my phone)",
    ),
    rule(
        Tier.RISK,
        "hope_not_to_wake",
        rf"\b{_HOPE}(?: [a-z]{{1,8}}){{0,3}}? (?:i|that i) (?:just )?(?:dont|do not|wont|will not|didnt|never"
        r"|wouldnt) (?:ever |even |have to )?wake\b(?: up\b)?"
        r"(?! (?:up|with|sick|sore|late|early|at|before|to|in (?!the morning)|feeling|tired|my|him|her|the"
        r"|hung ?over|during|and (?:have|be|feel)|on|until|when|like))",
        r"alarm|\bsnore|\bbaby\b|\bcold\b|\bflu\b",
    ),
    rule(
        Tier.RISK,
        "hope_to_be_hit",
        rf"\b(?:{_HOPE}|want(?:ed)?|wanna) (?:that |to |every day |so much )?(?:i )?(?:just )?(?:would |could "
        r"|might |will |ll )?(?:get|got|be|am|was|were)"
        r" (?:hit by (?:a|an|the|some)|run over|shot(?=[.!?,]|$| in| by| dead)|struck by|killed(?! (?:at"
        r"|in (?:a|the) game))|murdered"
        r"|crushed by|in a (?:fatal|car) (?:crash|accident))"
        rf"|\b{_HOPE}(?: [a-z]{{1,8}}){{0,3}}? (?:a|an|some|the|somebody|someone|something|anyone|one of (?:the"
        r"|those))(?: (?!me\b)[a-z]{1,10}){0,3}?"
        r" (?:hits?|shoots?|kills?|runs?|crush(?:es)?|strikes?|stabs?|murders?|ends?)(?: into"
        r"| over)? me(?: over| down| dead)?\b(?! (?:up|back|with an? (?:offer|text|message)))"
        rf"|\b(?:keep |kept )?(?:{_HOPE})(?: that)? (?:my|the|this) {VEHICLE} (?:will "
        r"|would )?(?:just )?(?:crash(?:es)?|goes down|flips)\b"
        rf"|\b{_HOPE}(?: that)? (?:i|ill|i will) (?:just )?(?:get|have|had|got|catch) (?:terminal|cancer"
        r"|a (?:heart attack|stroke|tumou?r)|something (?:terminal|fatal|deadly))\b",
        r"dont|not get|\blol\b|surf|\bgame\b|paintball|laser tag|vaccin|photo",
    ),
    rule(
        Tier.RISK,
        "undeserving",
        r"\b(?:dont|do not|never) (?:really |even )?deserve(?:d)? (?:to (?:live|be alive|breathe|exist|be here"
        r"|wake up|go on living)|life|(?:this|my) life)(?=[.!?,]|$| any ?more)"
        r"|\bdont belong (?:in|on) this (?:world|earth|planet)\b.{0,30}\b(?:dead|die|gone|alive)\b",
    ),
    rule(
        Tier.RISK,
        "glad_if_dead",
        r"\b(?:relieved|glad|better|happy|happier|celebrate|free|easier"
        r"|throw a party)(?: [a-z]{1,8}){0,3}? if i (?:just )?(?:died|was dead|were dead"
        r"|killed myself|disappeared for good|never (?:existed|came back|woke up))\b"
        r"|\binsurance (?:money|payout|policy)?(?: [a-z]{1,8}){0,3}? (?:than|instead of) (?:with )?me\b",
    ),
    rule(
        Tier.RISK,
        "death_looks_good",
        r"\b(?:death|dying|being dead|suicide|not (?:being here|existing|waking up)"
        rf"|{_KILL})(?: [a-z]{{1,8}}){{0,2}}? (?:sounds?|seems?|feels?|looks?|would be|is|becomes?|might be"
        r"|must be)"
        r"(?: like)?(?: so| very| really| much| more| a| the| my| pretty| almost| just){0,3} (?:peaceful|better"
        r"|easier|relief|good|nice|appealing|comforting|tempting|freeing"
        r"|only (?:way|option|solution|choice|answer|escape|thing)|way out|solution|answer|option|escape|best)\b",
        r"(?:career|social|political|commercial) suicide|\b(?:game|movie|novel|song|book|character|metal|level"
        r"|plot|episode|season|poem|battery)\b|laugh",
    ),
    rule(
        Tier.RISK,
        "enough_of_life",
        r"\b(?:enough of|out of|finished with|sick of|fed up with) (?:this |my |this whole )?(?:life|living"
        r"|existence|being alive)(?=[.!?,]|$| any ?more| altogether)"
        r"|\bmade (?:my )?peace with (?:dying|death|it|god|leaving|the end)\b.{0,30}\bready to (?:go|die)\b"
        r"|\bready to (?:go|die)\b.{0,25}\bmade (?:my )?peace\b",
        r"\b(?:get|getting|make|made|got|the most|more|best|things|meaning|joy|fun|stress|what i want) out of"
        r"|passport",
    ),
    rule(
        Tier.RISK,
        "life_to_end",
        r"\b(?:want(?:ed)?|need|wish|wishing|hope|pray(?:ing)?|waiting)(?: for)? (?:my life|this life|life"
        r"|it all|everything|all of (?:this|it))"
        r" (?:to|would|could|will) (?:just |finally |please )?(?:end|be over|stop|finish)(?=[.!?,]|$| now"
        r"| already| soon| tonight| for good)"
        r"|\bend (?:everything|my suffering|the suffering|(?:the|this|my|all the|all this) pain|my misery"
        r"|this misery)(?: now)?,? (?:for good|forever|for ever|permanently"
        r"|once and for all|tonight|by dying)\b",
        r"\b(?:meeting|project|week|semester|renovation|job|construction|back|knee|tooth|shoulder|physio"
        r"|surgery|lockdown|season)\b",
    ),
    rule(
        Tier.RISK,
        "rather_die_than_live",
        r"\brather (?:die|be dead) than (?:live|go on(?! (?:a|an|another|the|that|this)\b)|keep (?:living"
        r"|going)|wake up|stay (?:here|alive|with)|continue|exist|feel|be (?:alive|here)|face)\b",
        r"\b(?:in|near) (?:london|the suburbs|a city)|at \d",
    ),
    rule(
        Tier.RISK,
        "mind_on_death",
        r"\b(?:think(?:ing)?|thoughts?|dream(?:ing)?|fantasi[sz](?:e|ing)|obsess(?:ed|ing)"
        r"|daydream(?:ing)?) (?:about|of|over|with) (?:dying|being dead|my (?:own )?death"
        r"|suicide|how (?:id|i would|i will|ill) die|not (?:being alive|existing|being here any ?more)"
        r"|never waking up)\b",
        rf"{_LAUGHING}|dying (?:(?:my|her|his|the) )?(?:hair|wool|eggs|yarn)|movie|\bbook\b|article|prevention"
        r"|awareness|squad|sprint"
        r"|friends?\b|brother|sister|client|mentee|character"
        r"|writing|laundry|afraid of|fear of|scared of|philosoph",
    ),
)
