r"""Phrases of one's own danger in English: one line per idea, with its id and tier.

Patterns read text from `plain_text.views`: lower case, no accents, no apostrophes (`dont`, `im`). Every quantifier is
bounded, so the time is linear in the length of the text. A rule's id is what leaves the process, never its text.
"""

from services.coach.domain.tiers import Tier, rule

_VERY = r"(?:(?:so|really|very|just|kinda|kind of|pretty|literally|honestly|fucking|still|a bit|actually) ){0,3}"
_WHEN = r"(?:tonight|right now|now|today|tomorrow|this (?:evening|afternoon|morning|weekend|week)|soon|in an hour)"
_KILL = (
    r"(?:kill(?:ing)? (?:myself|my self)|end(?:ing)? (?:my (?:own )?life|it all|myself)|tak(?:e|ing) my (?:own )?life"
    r"|commit(?:ting)? suicide|hang(?:ing)? myself|shoot(?:ing)? myself|drown(?:ing)? myself|overdos(?:e|ing)"
    r"|jump(?:ing)? off (?:a|the) (?:bridge|roof|building|balcony)|jump(?:ing)? in front of (?:a"
    r"|the) (?:train|car|bus|truck)"
    r"|unaliv(?:e|ing) (?:myself|me)|off(?:ing)? myself|neck(?:ing)? myself|top(?:ping)? myself"
    r"|slit(?:ting)? my wrists?)"
)
_PILLS = (
    r"(?:pills|tablets|meds|medication|medicine|sleeping pills|painkillers|antidepressants|paracetamol|tylenol"
    r"|acetaminophen|ibuprofen|advil|aspirin|xanax|ambien|benzos|insulin)"
)
_HARM = r"(?:hurt(?:ing)?|harm(?:ing)?|cut(?:ting)?|burn(?:ing)?)"
_BODY = r"(?:myself|my (?:arms?|wrists?|legs?|thighs?|skin|stomach))"
_LAUGHING = r"laugh|embarrass|cringe|awkward|blush|\blol\b.{0,10}\bgym\b"

IMMINENT = (
    rule(
        Tier.IMMINENT,
        "pills_taken",
        r"\b(?:took|taken|swallowed|ate|downed|taking) (?:[a-z]{1,12} ){0,3}?(?:bunch|handful|handfuls|bottle"
        r"|box|pack"
        r"|load|lot|lots|too many|too much|all|whole|\d{2,3}(?! ?(?:mg|mcg|ml|g|iu"
        rf"|min)\b))(?: [a-z]{{1,12}}){{0,3}}? ?{_PILLS}\b",
        r"all (?:of )?my (?:meds|medication|medicine|pills|tablets) (?:on time|this|every|as|with|like|for the)"
        r"|(?:didnt|did not|never|dog|cat) (?:take|took|ate|eaten)|adherence|streak",
    ),
    rule(
        Tier.IMMINENT,
        "overdosed",
        r"\b(?:i|ive|i have|just) (?:just |already |have )?(?:overdosed|\bod(?:ed)?)\b(?! on (?:sugar|coffee"
        r"|caffeine|chocolate|netflix|work))",
    ),
    rule(
        Tier.IMMINENT,
        "wrists_cut",
        r"\b(?:i|ive|just|have) (?:just |already |have )?(?:cut|slit|slashed) my (?:wrists?|throat|veins)\b",
    ),
    rule(
        Tier.IMMINENT,
        "plan_and_time",
        r"\b(?:have|got|made) (?:a|my) plan\b.{0,40}\b(?:doing it|do it|go(?:ing)? through with it"
        r"|carry(?:ing)? it out)"
        r"\b.{0,20}\b(?:tonight|right now)\b",
    ),
    rule(
        Tier.IMMINENT,
        "plan_to_die",
        rf"\b(?:plan|planned|planning|decided|ready|time) (?:[a-z]{{1,8}} ){{0,3}}?(?:to|how to|on) (?:{_KILL}|die)\b"
        r"(?! (?:trying|hard|laughing|happy|old|my (?:eggs|hair)|down|in (?:this|the) game))",
    ),
    rule(
        Tier.IMMINENT,
        "intent",
        r"\b(?:im|i am|am|ill|i will|id) (?:going to|gonna|about to|finna|gunna|planning to"
        rf"|{_VERY}going to) {_VERY}{_KILL}",
    ),
    rule(
        Tier.IMMINENT,
        "intent_and_time",
        rf"(?:\b(?:{_KILL}|end it|die)|(?<!\d )(?<!\d)(?<!many )\bkms) {_WHEN}",
        r"battery|phone|going to end it with|breakup|break up|\bher\b|\bhim\b",
    ),
    rule(Tier.IMMINENT, "will", rf"\b(?:ill|i will|imma|i shall) (?:just |probably |finally )?{_KILL}"),
    rule(
        Tier.IMMINENT,
        "means_ready",
        r"\b(?:have|got|bought|found|holding|hold|loaded) (?:a|the|my|some) (?:loaded )?(?:gun|rope|noose"
        r"|pistol|knife|razor|blade|bottle of pills|pills)\b"
        r".{0,40}\b(?:ready|loaded|do it|end it|kill myself|in my hand|tonight|to my head|use it)\b",
        r"jump(?:ing)? rope|skipping|climb|kitchen|cook|shav|vitamin",
    ),
    rule(
        Tier.IMMINENT,
        "gun_to_head",
        r"\b(?:gun|pistol|knife|blade|razor) (?:to|in|at|against|on) my (?:head|mouth|throat|wrists?|temple)\b",
    ),
    rule(
        Tier.IMMINENT,
        "on_the_edge",
        r"\b(?:standing|sitting|im|i am|here) (?:up )?on (?:the|a) (?:edge of (?:the|a) )?(?:bridge|ledge"
        r"|roof|rooftop|tracks|railing)\b",
        r"yoga|bar|party|view|photo|run|bike|hik|barbecue|bbq",
    ),
    rule(
        Tier.IMMINENT,
        "note",
        r"\b(?:wrote|written|writing|left|leaving|finished) (?:[a-z]{1,8} ){0,3}?(?:suicide|goodbye"
        r"|farewell) (?:note|notes|letter|letters)\b",
        r"\b(?:job|work|colleagues?|company|coworkers?|leaving party)\b",
    ),
    rule(
        Tier.IMMINENT,
        "farewell",
        r"\b(?:goodbye (?:everyone|world|forever|cruel world|to everyone)|this is (?:my )?(?:last"
        r"|final) (?:message|goodbye|night|day alive)|this is goodbye|by the time you read this)\b",
        r"smok|sugar|alcohol|job|holiday|vacation|semester|school year",
    ),
)

RISK = (
    rule(
        Tier.RISK,
        "kill_myself",
        rf"\b(?:kill(?:ed|ing)? (?:myself|my self)|{_KILL})\b",
        r"kill(?:ed|ing)? myself (?:laugh|at (?:the )?(?:gym|work|practice|training)|with work|working"
        r"|training|studying"
        r"|over (?:this|the|a) (?:project|report|exam|deadline|essay|presentation)|to (?:get|finish|meet"
        r"|make|hit|lose|reach))"
        r"|(?:almost|nearly|practically) killed myself (?:on|trip|fall|slip)|overdos(?:e|ing) on (?:sugar"
        rf"|coffee|caffeine|chocolate)|{_LAUGHING}"
        r"|\b(?:suicide|overdose) (?:prevention|awareness|hotline|training)|\boverdose of\b"
        r"|bungee|skydiv|(?:into|in) the (?:sea|water|lake|pool|river)|life in my (?:own )?hands"
        r"|hang(?:ing)? myself (?:an?|the|up|out)\b",
    ),
    rule(
        Tier.RISK,
        "want_to_die",
        r"\b(?:want(?:ed|ing)?|wanna|ready|wish(?:ing)? i could|hoping|hope|would like|id like"
        r"|beg(?:ging)?|pray(?:ing)?|need) (?:to |i )?(?:just )?die\b(?! (?:of|from|laughing|trying|hard"
        r"|on the (?:hill|treadmill)|without|before i|old|happy|peacefully|at \d))",
        rf"{_LAUGHING}|(?:he|she|they|dont) wants? to die|in (?:the|this|my) game",
    ),
    rule(
        Tier.RISK,
        "wish_dead",
        r"\b(?:wish(?:ed)? i (?:was|were|am|could be) dead|wish(?:ed)? i (?:had )?(?:never been|wasnt"
        r"|was never|were never|werent) born|want(?:ed)? to be dead|better off dead|rather be dead(?! last)"
        r"|should be dead|deserve to die"
        r"|i should (?:just )?die|hope i die(?! (?:old|happy|peacefully|before|first|doing|in bed)))\b",
    ),
    rule(
        Tier.RISK,
        "not_alive",
        r"\b(?:dont|do not|didnt|no longer|never) (?:even |really )?(?:want to|wanna|wish to"
        r"|feel like) (?:(?:be )?(?:alive|living)|live|exist(?:ing)?)\b(?! (?:in|at|with|on|near|here|there"
        r"|like|together|by|off|alone|next|under|off|so far))",
    ),
    rule(
        Tier.RISK,
        "not_here_anymore",
        r"\b(?:dont|do not|didnt|no longer) (?:even |really )?(?:want to|wanna) (?:be (?:here|around)|go on"
        r"|wake up)(?: living)? ?(?:any ?more|ever again|at all|tomorrow|again)\b",
        r"job|office|company|class|party|town|city|relationship",
    ),
    rule(
        Tier.RISK,
        "sleep_forever",
        r"\b(?:(?:fall|go|went|going) (?:a?sleep|to sleep) (?:and|to) (?:just )?(?:not|never"
        r"|dont) (?:ever )?wak(?:e|ing)(?: up)?|sleep forever|never wake up|(?:not|wont"
        r"|dont) wake up (?:any ?more|again|tomorrow|ever))\b"
        r"|\bnever (?:want to|wanna) wake up(?: again| ever)?(?=[.!?,]|$)",
        r"alarm|early|for work|sleep forever on",
    ),
    rule(
        Tier.RISK,
        "suicidal",
        r"\b(?:(?:im|i am|i feel|feeling|ive been|i have been|i get|getting|been|i was|become|becoming|still)"
        rf" {_VERY}suicidal|(?:im|i feel|feeling) {_VERY}suicide)\b",
    ),
    rule(
        Tier.RISK,
        "suicidal_thoughts",
        r"\bsuicid(?:al|e) (?:thoughts?|ideation|feelings?|urges?|plans?|attempt)\b",
        r"prevention|hotline|awareness|volunteer|training for|course|research|friend|brother|sister|mentee"
        r"|client|patient|character|article|podcast|book",
    ),
    rule(
        Tier.RISK,
        "think_of_suicide",
        r"\b(?:think(?:ing)?|thought|contemplat(?:e|ing|ed)|consider(?:ing|ed)?|attempt(?:ed|ing)?|tried"
        r"|commit(?:ted|ting)?) (?:of |about |to )?(?:commit(?:ting)? )?suicide\b",
        r"squad|sprint|prevention|awareness|(?:he|she|they|friend|brother|sister|uncle|father|dad|mother|mom"
        r"|cousin|who) (?:has |have )?(?:attempted|tried|committed|died)",
    ),
    rule(
        Tier.RISK,
        "self_harm",
        r"\b(?:want|wanna|going|gonna|urges?|thinking|thoughts?|tempted|need|feel like|might|ill|i will"
        r"|could|afraid i will|relapsed?(?: and| with| into)?|started|keep|kept|been|back to|cant stop"
        rf"|cannot stop|stop|am|im|was) (?:to |of |about |just )?{_HARM} {_BODY}\b",
        r"shav|cook|kitchen|knife slip|accident|sun|hair|nails|running|lifting|knee|ankle|hot sauce|oven|pan"
        r"|training",
    ),
    rule(
        Tier.RISK,
        "harmed",
        r"\bi (?:just |have |ve )?(?:cut|burned|burnt|harmed) (?:myself|my (?:arms?|thighs?))(?: again"
        r"| on purpose| last night| tonight| today| because|[.!]|$)",
        r"shav|cook|kitchen|accident|sun|oven|pan|glass|paper|chopp",
    ),
    rule(
        Tier.RISK,
        "cutting_again",
        r"\b(?:been|started|am|im|back to|i keep|relapsed and) cutting(?: again| lately| every (?:day|night)"
        r"|[.!,]|$)",
        r"carb|calorie|weight|back|down|out|sugar|summer|season|show|bulk|fat|corner|class|grass|hair|paper"
        r"|spend|cost|macro",
    ),
    rule(
        Tier.RISK,
        "self_harming",
        r"\b(?:i|ive been|i have been|my|im|started|keep|relapsed (?:into|on)|urge to|want to|thinking (?:of"
        r"|about)) (?:to )?self[ -]?harm(?:ed|ing)?\b",
        r"prevention|awareness|used to help",
    ),
    rule(
        Tier.RISK,
        "better_without_me",
        r"\b(?:everyone|everybody|they|people|my (?:family|kids|friends|wife|husband|parents|partner)"
        r"|the world|you(?: all)?|theyd|world|she|he)(?: would| will| d|d|ll|s)?(?: all| probably"
        r"| honestly)? ?(?:be)? ?(?:so much |much |way |a lot )?(?:better|happier)(?: off)? (?:without me"
        r"|if i (?:was|were) (?:gone|dead|not here)|if i died|if i wasnt (?:here|around|alive))\b",
        r"team|group chat|project|band",
    ),
    rule(
        Tier.RISK,
        "no_reason_to_live",
        r"\b(?:(?:no|(?:dont|cant|cannot|couldnt|didnt|never) (?:really |even )?(?:see|have|find|think of)"
        r" (?:a|any|one)(?: single| good| real)?) (?:reason|point|purpose) (?:left )?(?:to|in|for me to)"
        r" (?:live|living|be alive|being alive"
        r"|go on|going on|existing|exist|be here|stay alive|keep living)|nothing (?:left )?to live for"
        r"|(?:not|isnt|aint|no longer) worth living(?! (?:in|at|there|here)\b))\b",
    ),
    rule(
        Tier.RISK,
        "tired_of_living",
        r"\b(?:tired|sick|done|exhausted|over) (?:of |with |from )?(?:living|being alive|existing"
        r"|life)\b(?! (?:in|at|with|here|like|by|alone|out|paycheck|on|under|the|admin|goals|hacks"
        r"|coach|insurance|advice))",
    ),
    rule(
        Tier.RISK,
        "means_sought",
        rf"\b(?:how many (?:[a-z]{{1,14}} )?{_PILLS} (?:is|are|would|does|do|will|till|until|before"
        rf"|to) (?:[a-z]{{1,8}} ){{0,3}}?(?:too many|too much|die|kill|lethal|fatal|dangerous|od|overdose"
        r"|death)|lethal dose|fatal dose|painless(?:ly)? (?:way|ways|method|death|die|suicide)|(?:easiest"
        r"|quickest|best|least painful|painless) ways? to (?:die|kill myself|end (?:it|my life))|how (?:to"
        r"|do i|can i) (?:kill myself|die painlessly|end my life|overdose|tie a noose))\b",
    ),
    rule(
        Tier.RISK,
        "kms",
        r"(?:^|\b(?:gonna|wanna|going to|want to|might|just|ill|could|i|about to|literally|finna|rather|imma"
        r"|will) )kms\b(?! (?:a|per|this|today|in|run|ran|left|to|more|away|and))",
    ),
    rule(
        Tier.RISK,
        "slang",
        r"\b(?:kms (?:fr|rn|tbh|ngl|lol|lmao|now|already|bro|istg)|unalive (?:myself|me)|sewer ?slide"
        r"|k1ll (?:myself|mys3lf)|killmyself|endmylife|endmyself|wanttodie|iwanttodie|suic1de"
        r"|kermit sewerslide|self delete)\b",
        r"\d ?kms",
    ),
)

WATCH = (
    rule(
        Tier.WATCH,
        "nobody_would_notice",
        r"\b(?:nobody|no one|noone|none of them|would anyone|who) (?:would |will |even )*(?:notice|care"
        r"|miss me|mind|be sad)(?: even)? if i (?:was |were |am |just |had |have )*(?:gone|died|dead"
        r"|disappeared|vanished|wasnt (?:here|around)|didnt wake up|never came back|left forever)\b",
    ),
    rule(
        Tier.WATCH,
        "what_is_the_point",
        r"\b(?:whats|what is|theres no|there is no|i see no|dont see the|no"
        r"|see any) (?:even )?(?:the )?point (?:of|in|to|anymore in) (?:anything|everything|living|life"
        r"|being here|going on|it all|existing|my life|being alive|any of (?:it|this))\b",
    ),
    rule(
        Tier.WATCH,
        "hopeless",
        r"\b(?:i feel|im|i am|feeling|everything is|everything feels|its all|it is all|life is|life feels"
        rf"|my life is|all is|all feels) {_VERY}(?:completely |totally |utterly |all )?(?:(?:empty|numb|lost"
        r"|alone|broken|tired|sad) and )?(?:hopeless|pointless"
        r"|meaningless|worthless|without hope)\b(?! (?:at|with|in the|when it comes|without coffee))",
    ),
    rule(
        Tier.WATCH,
        "nothing_matters",
        r"\bnothing (?:really )?matters(?: to me)?(?: any ?more|$|[.!,])",
        r"more than|except|if you",
    ),
    rule(
        Tier.WATCH,
        "no_future",
        r"\b(?:i )?(?:see|have|theres|there is) no (?:future(?: for me)?|way out|hope(?: left)?|hope for me"
        r"|light at the end)\b|\b(?:dont|do not|cant|cannot) (?:really )?(?:see|imagine) (?:a|any"
        r"|my) future(?: for (?:me|myself))?(?=[.!?,]|$| any ?more)",
        r"job|company|relationship with|this app|project|season",
    ),
    rule(
        Tier.WATCH,
        "disappear",
        r"\b(?:want to|wanna|wish i could|could just|rather|going to) (?:just )?(?:disappear|vanish"
        r"|cease to exist|not exist|stop existing)\b(?! (?:in(?:to)? (?:an?|the|my)|from (?:this"
        r"|that) |for (?:a|the) (?:day|week|weekend|while|bit)"
        r"|from (?:social|instagram|work|the party)|on (?:a )?holiday|to (?:an?|the) (?:island|beach)))",
    ),
    rule(
        Tier.WATCH,
        "cannot_go_on",
        r"\b(?:i )?(?:cant|cannot|can not) (?:go on|take (?:it|this|life)|keep going|live like this"
        r"|do (?:this|life|it)|cope|bear (?:it|this))(?: like this)? ?(?:any ?more|any longer|much longer)\b",
        r"goal|diet|workout|training|gym|job|plan|class|program|routine|schedule|habit|run|course|project"
        r"|app|streak|plank|set|reps|exercise",
    ),
    rule(
        Tier.WATCH,
        "hate_living",
        r"\b(?:i )?hate (?:being alive|living|existing|my life|that im alive|that i woke up"
        r"|waking up every day)\b(?! (?:in|at|with|here|so far|near|alone|like))",
    ),
    rule(
        Tier.WATCH,
        "burden",
        r"\b(?:im|i am|i feel like|being|just|only) (?:just |only |such )?(?:a"
        r"|nothing but a) burden\b(?! on (?:the|our))",
    ),
    rule(
        Tier.WATCH,
        "given_up_on_life",
        r"\b(?:giv(?:e|en|ing) up on (?:life|living|everything|myself)|dont care (?:if i (?:live|die"
        r"|wake up)|what happens to me)|life is(?:nt| not) for me)\b",
    ),
    rule(Tier.WATCH, "if_i_died", r"\bif i (?:died|was dead|were dead|didnt exist|wasnt alive|killed myself)\b"),
    rule(
        Tier.WATCH,
        "suicide_word",
        r"\b(?:suicide|suicidal)\b",
        r"sprints?|squad|drill|run(?:s)?\b|prevention|awareness|hotline|helpline|lifeline|door|bomb|pact in"
        r"|training|volunteer|article|movie|film|book|podcast|song|band|character|study|research|course"
        r"|class|paper|lecture|career suicide|social suicide|commercial suicide|political suicide|practice"
        r"|suicide hot"
        r"|workout|shuttle|(?:shes|hes|theyre|is|are|was) (?:she|he|they )?suicidal",
    ),
)
