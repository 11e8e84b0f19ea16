r"""What somebody does to end or to harm their own life: acts done, means at hand, and ways that were looked for.

The same form as `danger_phrases`, but by kind: an act, a means of `means` and the speaker, in the orders that occur.
"""

from services.coach.domain.means import BLADE, DRUG, GUN, LOVED, MANY, POISON, ROPE, SWALLOWED, VEHICLE, WOUNDABLE
from services.coach.domain.tiers import Tier, rule

_FEW = r"(?:[a-z]{1,12} ){0,3}?"
_WHEN = r"(?:tonight|right now|now|today|tomorrow|this (?:evening|afternoon|morning|weekend|week)|soon)"
_HANDY = (
    r"(?:in front of me|in my (?:hands?|mouth|lap)|on my (?:lap|desk|bed|nightstand)|next to me|beside me"
    r"|lined up|counted out"
    r"|laid out|(?:a?round) my neck|(?:at my|on my|to my|against my) (?:wrists?|throat|temple|head))"
)
_DAILY = (
    r"every (?:morning|day|evening|night)|\b(?:doses?|daily|weekly|vitamins?|prescri\w*|refills?|pill ?box|doctor"
    r"|as (?:told|planned)|reminds?|reminder|streak|on time|breakfast|dinner|lunch box|headache|migraine|allerg\w*)\b"
)
_TRADE = (
    r"cook|chef|barber|kitchen|shav|chopp|onion|carv(?:e|ing) (?:wood|pumpkin)|craft|camp|hik|climb"
    r"|jump(?:ing)? rope|skipping|boat"
    r"|hunt|shooting range|\brange\b|deer|\bgame\b|movie|film|novel|character|costume|surgeon|gym\b"
)
_CLUMSY = (
    r"accident|oops|nearly|almost|paper|fell|tripped|stubbed|\bcat\b|thorn|rose|garden|bramble|sun\b|oven|stove|pan\b"
    r"|iron"
)

_NOT_OF_ONESELF = (
    r"hero|villain|novel|story|die (?:down|off|out|hair|cast|my hair)|\bhair\b|\bbar\b|pull ?up|grip|dead ?hang"
    r"|my (?:dog|cat|plant|lawn|weeds)|a (?:dog|cat|plant)|battery|weeds|bacteria|germs|prevention"
)

ACTS = (
    rule(
        Tier.IMMINENT,
        "poison_swallowed",
        rf"\b{SWALLOWED} (?:[a-z]{{1,12}} ){{0,5}}?{POISON}\b|\b{POISON} (?:is |already )?in my (?:stomach|mouth"
        r"|body)\b",
        r"\b(?:dog|cat|puppy|toddler|almost|nearly|by mistake|tastes?|tasted|like|poison of choice|my poison|remote"
        r"|replac\w+|charg\w+|clean(?:ed|ing)? (?:the|my|with)|movie|film|game)\b",
    ),
    rule(
        Tier.IMMINENT,
        "medicine_in_quantity",
        rf"\b(?:{SWALLOWED}|had) (?:[a-z]{{1,12}} ){{0,3}}?{MANY}(?: [a-z]{{1,12}}){{0,3}}? ?{DRUG}\b",
        rf"{_DAILY}|all (?:of )?my (?:meds|medication|medicine|pills|tablets) (?:this|as|with|like|for the|today)"
        r"|(?:didnt|did not|never|dog|cat|enough of|hate|without|stopped|quit) (?:take|took|ate|eaten|taking)"
        r"|adherence"
        r"|had enough of|\bdogs?\b|\bcats?\b|\bfamily\b.{0,20}\bhistory\b",
    ),
    rule(
        Tier.IMMINENT,
        "all_there_was",
        rf"\b{SWALLOWED} (?:[a-z]{{1,12}} ){{0,2}}?(?:everything|whatever|every (?:pill"
        r"|tablet))(?: [a-z]{1,12}){0,3}?"
        r" (?:medicine|cabinet|bathroom|house|pharmacy|first aid kit)\b"
        rf"|\binject(?:ed|ing)? (?:myself with )?(?:all )?(?:the |my )?{_FEW}insulin (?:i had|left|at once)\b"
        rf"|\b(?:took|taken|swallowed) (?:[a-z]{{1,12}} ){{0,5}}?{DRUG}\b[^.!?\n]{{0,40}}\b(?:on purpose"
        r"|than i should|to die)\b",
        r"photo|clean",
    ),
    rule(
        Tier.IMMINENT,
        "gas",
        r"\b(?:turned|turning|left) (?:on )?the (?:gas|oven|stove) on\b.{0,40}\b(?:closed|sealed|shut|taped)\b"
        r"|\bturned on the gas\b.{0,40}\b(?:closed|sealed|shut|taped)\b"
        r"|\b(?:car|engine|motor)(?: is| was)? (?:on|running)\b.{0,12}\bgarage\b.{0,40}\b(?:inside|in it|door"
        r"|closed|shut|sit)"
        r"|\b(?:sit|sitting|im|i am) in (?:the|my) (?:closed |shut )?garage with the (?:car|engine) (?:on|running)\b",
        r"warm(?:ing)? up|mechanic|jump ?start|defrost",
    ),
    rule(
        Tier.IMMINENT,
        "means_before_me",
        rf"\b(?:{DRUG}|{BLADE}|{GUN}|{ROPE})(?: (?!on\b)[a-z]{{1,8}}){{0,3}}? {_HANDY}",
        rf"{_DAILY}|{_TRADE}|doing up|wear|fashion|seat ?belt|weight ?belt|belt (?:exam|test)|water bottle|helmet",
    ),
    rule(
        Tier.IMMINENT,
        "means_held",
        r"\b(?:holding|clutching|gripping|staring at|looking at|(?:sit|sitting|im|i am|lie|lying) (?:here "
        r"|there )?with) "
        rf"(?:a|the|my|some|this|all (?:the|my)) {_FEW}(?:{BLADE}|{GUN}|noose|rope|{DRUG})\b",
        rf"{_DAILY}|{_TRADE}|paper|label|shop|store|price|cut(?:ting)? (?:the|a) cake",
    ),
    rule(
        Tier.IMMINENT,
        "means_and_intent",
        rf"\b(?:{DRUG}|{BLADE}|{GUN}|rope|noose)\b[^.!?\n]{{0,60}}\b(?:keep (?:looking|staring) at (?:it|them)"
        r"|know (?:exactly )?what (?:ill|i will|im going to|id) do with (?:it|them)|be done with (?:it|this"
        r"|everything)"
        r"|enough (?:[a-z]{1,8} ){0,2}?(?:to make sure|to die|to end)|make sure (?:i|it) (?:die|works?"
        r"|dont wake)"
        rf"|(?:so|and) i (?:have|ve got|got) enough)\b"
        rf"|\bi have enough (?:of (?:my|the) )?{DRUG} (?:[a-z]{{1,8}} ){{0,3}}?to (?:make sure|die|end|finish"
        r"|do it)\b",
        rf"{_DAILY}|{_TRADE}",
    ),
    rule(
        Tier.IMMINENT,
        "noose",
        r"\b(?:tied|tying|made|making|hung|have|got|put|is|hanging) (?:a|the|my|up a|myself a) noose\b"
        r"|\bnoose (?:is )?(?:ready|hanging"
        r"|hung|tied|waiting)\b|\brope (?:is|s) (?:already |all )?(?:tied|ready|up|hanging|waiting)\b",
        rf"{_TRADE}|swing|hangman",
    ),
    rule(
        Tier.IMMINENT,
        "gun_loaded",
        rf"\b(?:loaded|loading|cocked) (?:the|a|my|dads|his) {_FEW}{GUN}\b|\b{GUN} (?:is )?loaded\b|\b(?:put"
        rf"|pushed|held) (?:the|a|my) {GUN}"
        r" (?:in|to|against|at) my\b",
        rf"{_TRADE}|safety course|nail gun|glue gun",
    ),
    rule(
        Tier.IMMINENT,
        "at_the_edge",
        r"\b(?:standing|stand|sitting|sit|im|i am|here|up) (?:up |right |out |down |here |already "
        r"|now ){0,2}(?:on|at|over|by)"
        r" (?:(?:the|a) (?:very )?(?:edge|top) of )?(?:the|a|this) (?:very )?(?:bridge|ledge|rooftop"
        r"|railway tracks|tracks|train tracks"
        r"|railing|rails|parapet|balcony railing|cliff edge|edge of a cliff)\b"
        r"|\blook(?:ing)? (?:over|down from|down over) the (?:edge|ledge|railing|parapet)\b"
        r"|\b(?:waiting|here) for (?:the|a"
        r"|the next) train (?:[a-z]{1,8} ){0,3}?so (?:that )?i can\b.{0,12}\b(?:step|jump|end)",
        r"yoga|\bbar\b|party|view|photo|picture|\brun\b|bike|hik|barbecue|bbq|fish|climb|abseil|bungee|fun\b",
    ),
    rule(
        Tier.IMMINENT,
        "wound_deep",
        r"\b(?:cut|slit|slashed|sliced|opened)(?: up)?(?: both)?(?: of)?(?: my)? (?:wrists|my (?:wrists?|veins?"
        r"|throat|neck))\b"
        rf"|\b(?:slashed|slit|sliced|stabbed) my {WOUNDABLE}\b"
        rf"|\bmy {WOUNDABLE} (?:is|are|wont stop|keeps?) bleeding\b[^.!?\n]{{0,30}}\b(?:i did it|i cut"
        r"|on purpose|dont (?:care|want help)|deep)\b"
        r"|\b(?:cut|went|gone) (?:too|really|so|very|way too) (?:deep|far)\b.{0,40}\bbleed"
        r"|\bbleed(?:ing)?\b.{0,40}\b(?:cut|went|gone) (?:too"
        r"|really|so|very|way too) (?:deep|far)\b|\bcut my wrists?\b.{0,12}\bdeep\b",
        rf"{_TRADE}|{_CLUMSY}|finger|nail|dentist|gums?|long ago",
    ),
    rule(
        Tier.IMMINENT,
        "last_day",
        r"\b(?:my|the|our) (?:last|final) (?:day|night|evening|hours?|week) (?:on (?:this )?earth|alive"
        r"|of my life|in this world)\b"
        r"|\b(?:ill|i will|im going to|im gonna) be (?:dead|gone forever|in (?:heaven|hell)) (?:by )?(?:tonight"
        rf"|tomorrow|soon|{_WHEN})\b"
        r"|\b(?:tomorrow|tonight|soon|by (?:tomorrow|tonight|morning|sunday|monday|friday)) (?:ill"
        r"|i will) be (?:dead|gone forever)\b"
        r"|\b(?:wont|will not) (?:exist|be alive) (?:tomorrow|much longer|any ?more|any longer|soon"
        r"|next \w{1,6}|by \w{1,10})\b"
        r"|\bleav(?:e|ing) this (?:world|life|earth)\b(?! (?:better|a better|cleaner|of|behind me))"
        r"|\btonight is the night\b.{0,20}\b(?:no more pain|pain (?:ends|stops)|free|over|end)",
        rf"{_TRADE}|workout|leg day|training|exam|race|marathon|boss|deadline|legs|if (?:i|she|he|they)|holiday"
        r"|vacation",
    ),
    rule(
        Tier.IMMINENT,
        "end_tonight",
        r"\b(?:end(?:ing)?) (?:it|things|everything|all of it) (?:all )?(?:tonight|right now|today)\b"
        r"|\btonight (?:im|i am|ill|i will|im going to|i want to) (?:finally |just )?end(?:ing)? (?:it|things"
        r"|everything)"
        r"(?: all)?(?=[.!?,]|$| for (?:good|ever)| forever)",
        r"\b(?:her|him|them|us|relationship|breakup|break up|date|dating|with|between|project|report|essay"
        r"|homework|chores|shift)\b",
    ),
    rule(
        Tier.IMMINENT,
        "told_goodbye",
        r"\bmy (?:suicide|goodbye|farewell|last) (?:notes?|letters?)\b|\b(?:wrote|written"
        r"|writing) (?:[a-z]{1,8} ){0,6}?(?:explaining|saying"
        r"|about) why i (?:did it|had to (?:go|die|leave)|am gone|left this)\b"
        r"|\bi (?:just )?(?:want|wanted) to (?:say|tell you) goodbye\b.{0,40}\b(?:exist|alive|forever|tomorrow"
        r"|dead|die)\b"
        r"|\bsaid (?:my )?goodbyes? to (?:my family|everyone|everybody|my kids|them all)\b.{0,20}\b(?:dont"
        r"|do not|doesnt) know\b"
        r"|\b(?:gave|given|giv(?:e|ing)) (?:away )?(?:my \w{1,10}|everything)(?: away)?\b.{0,30}\b(?:wont"
        r"|not going to) (?:be (?:around|here|alive)"
        r"|need)\b",
        r"\b(?:job|work|colleague|company|coworker|boss|manager|leaving party|moving|move|holiday|school"
        r"|teacher|vacation|ex|baby clothes)\b",
    ),
    rule(
        Tier.IMMINENT,
        "death_planned",
        r"\b(?:planned|planning|plan|know|decided|figured out|worked out|chosen|chose"
        r"|picked) (?:exactly )?(?:how|when|where) (?:i will|ill|id"
        r"|i would|im going to|im gonna|i want to|to) (?:die(?! (?:happy|old|trying|my (?:eggs|hair)))"
        r"|do it tonight|jump(?:$"
        r"|[.!?,])|end (?:it|my life))"
        r"|\b(?:planned|planning|scheduled) my (?:own )?(?:suicide|death)\b"
        r"|\b(?:picked|set|chosen|chose) (?:the|a|my) date\b.{0,30}\b(?:be over|die|gone|end it)\b",
        r"project|wedding|exam|essay|story|speech|letter|\brace\b|\bjob\b|moving|divorce|bungee|parachute"
        r"|skydiv|\bpool\b|trampoline",
    ),
    rule(
        Tier.IMMINENT,
        "about_to_jump",
        r"\b(?:going to|gonna|about to|ready to|i will|ill) jump (?:tonight|right now|today|off (?!the couch"
        r"|the sofa)|from|in front)"
        r"(?! (?:the )?(?:plane|diving board|boat|dock|pier))",
        r"bungee|parachute|skydiv|trampoline|pool|lake|rope|boat|box|water|conclusion|dock",
    ),
    rule(
        Tier.IMMINENT,
        "overdose_ahead",
        r"\b(?:going to|gonna|about to|want to|wanna|might|ill|could) od\b(?! on (?:sugar|coffee|caffeine"
        r"|chocolate|netflix|work|cake|candy))"
        r"|\b(?:going to|gonna|about to|ill|i will|want to|wanna) (?:just )?(?:take|swallow|down|drink"
        r"|eat) (?:all|every|everything|the whole|a bunch)"
        rf"(?: [a-z]{{1,10}}){{0,3}}? (?:{DRUG}|{POISON})\b",
        _DAILY,
    ),
)

HARM = (
    rule(
        Tier.RISK,
        "attempted",
        r"\b(?:survived|after|since|regret) my (?:own )?(?:last |first |second |suicide )?(?:attempt"
        r"|overdose)\b|\bpumped my stomach\b"
        r"|\bi (?:ve |have )?attempted (?:suicide|last night|yesterday|again|on (?:mon|tues|wednes|thurs|fri"
        r"|satur|sun)day|this (?:week|morning))\b"
        r".{0,30}\b(?:didnt work|failed|survived|still here|woke up|hospital|er)\b",
        r"exam|recipe|lift|squat|bench|record|race|level|\bpr\b|attempt at",
    ),
    rule(
        Tier.RISK,
        "harm_on_purpose",
        r"\b(?:cut|burn(?:ed|t|ing)?|hurt(?:ing)?|hit(?:ting)?|punch(?:ed|ing)?|bruis(?:e|ed|ing)|scratch(?:ed"
        r"|ing)?|starv(?:e|ed|ing)"
        rf"|bit(?:e|ten|ing)?) (?:myself|my {WOUNDABLE})(?: [a-z]{{1,10}}){{0,5}}? (?:on purpose|until (?:i|it)"
        r"|to (?:feel|cope|punish|bleed)"
        rf"|with (?:a|the|my) (?:lighter|cigarette|razor|blade|knife|scissors|match|matches))\b"
        r"|\b(?:cut|burn|starve|hurt|scratch)(?:ing)? (?:and (?:cut|burn|starve) )?to (?:punish myself"
        r"|feel (?:something|anything|alive)|cope)\b"
        r"|\b(?:scratch|cut|rip|tear|pick)(?:ed|ing|ting)? my skin (?:open|until|off)\b"
        rf"|\bcarved? (?:[a-z]{{1,10}} ){{0,3}}?(?:in|into|on) my {WOUNDABLE}\b"
        r"|\b(?:hit(?:ting)?|bang(?:ed|ing)?|smash(?:ed|ing)?) my head (?:against|on|into) (?:the|a|my) (?:wall"
        r"|desk|floor|door|table)\b"
        r".{0,30}\b(?:until|again|bled|pain|stop)",
        rf"{_TRADE}|accident|shav|\bsun\b",
    ),
    rule(
        Tier.RISK,
        "hits_oneself",
        r"\b(?:i )?(?:keep |kept |started |been |cant stop |always |just )?(?:hitting|punching|slapping|biting"
        r"|burning|bruising|strangling|choking) myself\b"
        r"(?! (?:up|off|for|over|in the foot))"
        r"|\bi (?:just |have |ve |always )?(?:hit|punched|slapped|bit|burned|burnt|harmed|strangled"
        rf"|choked) (?:myself|my own {WOUNDABLE})"
        rf" (?:again|in the (?:face|head|leg|stomach)|when i|because|until|last night|today|tonight|so hard)\b",
        rf"{_TRADE}|{_CLUMSY}|ball|racket|weight|barbell|dumbbell|tongue|cheek|boxing|laugh|calorie",
    ),
    rule(
        Tier.RISK,
        "urge",
        r"\b(?:urges?|temptation|tempted|craving|itching|desire) to (?:just )?(?:cut|self[ -]?harm|bleed"
        r"|burn myself|hurt myself|jump off|end it all)\b"
        r"(?! (?:carbs?|calories|sugar|back|down|out|class|corners?|costs?|my hair|the|my (?:bangs|fringe"
        r"|budget|spending)|coffee|meat|it short|a|weight))",
        r"shav|hair|budget|carb",
    ),
    rule(
        Tier.RISK,
        "relapsed",
        r"\brelaps(?:ed?|ing)\b(?:,)?(?: (?!not)[a-z]{1,8}){0,3},? ?(?:self[ -]?harm"
        r"|cut(?:ting)?(?= (?:my (?:arm|wrist|thigh|leg|skin|stomach)|again|last|tonight|today|myself)|[.!,]|$)"
        r"|burn(?:ed|ing) (?:myself|my)|hurt(?:ing)? myself)",
        r"carb|sugar|calorie",
    ),
    rule(
        Tier.RISK,
        "marks",
        rf"\bmy {WOUNDABLE} (?:is|are) (?:full of|covered (?:in|with)) (?:[a-z]{{1,8}} )?(?:cuts?|self[ -]?harm"
        r"|razor)"
        r"|\b(?:fresh|new) (?:cuts|self harm scars) (?:on|all over) my\b"
        r"|\b(?:need(?:ed)?|want(?:ed)?|deserve) (?:to feel )?(?:the )?pain\b.{0,20}\b(?:cut|burn|bleed|hit"
        r"|hurt)|\b(?:bled|cut|bleed|burn|hit)\b.{0,20}"
        r"\b(?:need(?:ed)?|deserved?) the pain\b|\bso i cut(?=[.!?,]|$)",
        rf"{_TRADE}|{_CLUMSY}|physio|massage",
    ),
    rule(
        Tier.RISK,
        "afraid_of_oneself",
        r"\b(?:what i (?:might|could|would|will|may|ll)|might|could|going to|will) do (?:something (?:bad "
        r"|stupid |terrible )?)?to myself\b"
        r"|\b(?:cant|cannot|can not|couldnt|dont) promise (?:that )?(?:i wont|not to) (?:hurt|harm|kill|cut"
        r"|do something)\b"
        r"|\b(?:dont|do not|cant|cannot) trust myself (?:around|with|near|alone with) (?:the |my |a |any "
        rf"|sharp |all ){{0,2}}(?:{BLADE}|{GUN}|{DRUG}|sharp things)",
        r"finger|clumsy|onion|chop|if i have to|favou?r",
    ),
    rule(
        Tier.RISK,
        "means_kept",
        r"\b(?:hoard(?:ed|ing)|sav(?:ed|ing) up|stash(?:ed|ing)|stockpil(?:ed|ing)|hid(?:den|ing)?|collect(?:ed"
        r"|ing)) (?:up )?"
        rf"(?:all )?(?:of )?(?:my |some |the |enough )?{_FEW}{DRUG}\b|\b(?:{BLADE}) (?:hidden|stashed|tucked|taped)\b"
        r"|\b(?:hide|hid|hiding|keep|stash) (?:a|my|some) (?:razor )?(?:blades?|razors?) (?:hidden|under"
        r"|for when|behind)\b"
        rf"|\b(?:got|bought|have|ordered|getting|buying) (?:a|my|the|some) (?:{GUN}|rope"
        r"|noose)\b.{0,40}\b(?:finally|end|over|do it|keep looking|dont tell)\b",
        rf"{_TRADE}|{_DAILY}|from (?:the )?(?:kids|children|toddler|dog)|sewing|parcel|tow",
    ),
    rule(
        Tier.RISK,
        "doses_asked",
        rf"\bhow (?:many|much) (?:mg of |of (?:my |the )?)?(?:{DRUG}|{POISON}) (?:would |will |does |do |can "
        r"|could |it |until |before |to |i |you |a |take |it takes ){1,5}"
        r"(?:kill|die|be (?:lethal|fatal)|od|overdose|never wake|pass out|end)",
        _NOT_OF_ONESELF,
    ),
    rule(
        Tier.RISK,
        "dose_that_kills",
        rf"\b(?:would|will|can|could|do|does|are|is) (?:[a-z0-9]{{1,10}} ){{0,4}}?(?:of )?(?:{DRUG}"
        rf"|{POISON}) (?:kill|be (?:lethal|fatal)|be enough to (?:die|kill))"
        r"|\b(?:can|could|do) (?:you|i|u|one|someone) (?:really )?(?:overdose|od|die) (?:on"
        rf"|from) (?:too (?:much|many) )?(?:{DRUG}|{POISON})"
        r"|\b(?:lethal|fatal|deadly) (?:doses?|dosages?|amounts?|quantity)\b",
        _NOT_OF_ONESELF,
    ),
    rule(
        Tier.RISK,
        "ways_sought",
        r"\b(?:googl\w+|search\w*|look\w*(?: up| into)?|research\w*|read\w*(?: about| up on)?|know|find|tell me"
        r"|list|whats?|what is|what are)"
        r" (?:[a-z]{1,10} ){0,5}?(?:ways?|methods?|how) (?:to|of) (?:die|dying|kill (?:myself|yourself|oneself)"
        r"|end (?:my|your|ones) life|commit suicide"
        r"|hang (?:myself|yourself)|tie a noose|suicide)\b"
        r"|\b(?:least|most|easiest|quickest|fastest|best|painless) (?:[a-z]{1,8} ){0,2}?way to (?:die"
        r"|kill (?:my|your)self|end my life)\b"
        r"|\bsuicide methods?\b",
        _NOT_OF_ONESELF,
    ),
    rule(
        Tier.RISK,
        "how_it_goes",
        r"\bhow long (?:does it|would it|until|till|it) (?:take |takes |you |i ){0,2}(?:to )?(?:die"
        r"|bleed (?:out|to death)|suffocate|drown|hang)\b"
        r"|\b(?:high|tall|deep|fast|strong) enough to (?:die|kill me|kill yourself)\b"
        r"|\b(?:is|does|how) (?:painful is |much does )?(?:drowning|hanging yourself|hanging|overdosing"
        r"|bleeding out|suffocating|jumping off a \w{1,10})"
        r" (?:painful|hurt|painless|feel|quick)\b",
        _NOT_OF_ONESELF,
    ),
    rule(
        Tier.RISK,
        "steered",
        r"\b(?:think(?:ing)?|thought|thoughts?|imagin(?:e|ing|ed)|dream(?:ing)?|fantasi[sz](?:e|ing)|urge"
        r"|tempted|want|wanna|feel like|picture) "
        r"(?:about |of |to )?(?:just )?(?:(?:driv|steer|crash|swerv|veer)(?:e"
        r"|ing)? (?:[a-z]{1,8} ){0,3}?(?:into|off|in front of) (?:a|the|an|oncoming) ?"
        r"(?:tree|wall|traffic|cliff|bridge|river|truck|lorry|barrier|pole|lane)?|crash(?:ing)? (?:my"
        rf"|the) {VEHICLE}|turn(?:ing)? the wheel)",
        r"\bgame\b|simulator|sim racing|kart|insurance claim|fear of|phobia|afraid",
    ),
    rule(
        Tier.RISK,
        "jumping",
        r"\b(?:think(?:ing)?|thought|thoughts|dream(?:ing)?|fantasi[sz](?:e|ing)) (?:about"
        r"|of) (?:just )?jumping(?=[.!?,]|$| (?:off|from|again|down|to my death))"
        r"|\b(?:voice|voices|head|brain|mind|thought)\b.{0,30}\b(?:should|to|must) (?:just )?(?:jump|die|end it)\b",
        r"rope|parachute|bungee|skydiv|pool|trampoline|horse|song|game|\bsofa\b|couch|bandwagon",
    ),
    rule(
        Tier.RISK,
        "follow_the_dead",
        r"\b(?:want to|wanna|going to|ready to|soon ill|ill soon|soon|soon i will|i will soon"
        rf"|need to) be (?:back )?with my {LOVED}(?: in (?:heaven|the grave)"
        r"| on the other side| again.{0,30}\b(?:follow|decided|heaven|grave|die)\b)"
        rf"|\bjoin (?:him|her|them|my {LOVED}) (?:in (?:heaven|the grave|death)|on the other side)\b"
        rf"|\bfollow (?:him|her|them|my {LOVED}) (?:in)?to (?:death|the grave|heaven)\b",
    ),
)
