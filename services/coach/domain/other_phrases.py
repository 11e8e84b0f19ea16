r"""Phrases of danger in six more languages, of danger to somebody else, and of violence by somebody near.

The same form as `danger_phrases`. The lists of other languages are short on purpose: detection is English first.
"""

from services.coach.domain.tiers import Tier, rule

LANGUAGES = (
    rule(
        Tier.RISK,
        "es",
        r"\b(?:(?:me )?quiero morir(?:me)?(?! de (?:risa|verguenza|hambre|amor))|ganas de morir(?:me)?"
        r"|quiero (?:matarme|suicidarme|desaparecer para siempre)|me (?:quiero|voy a) (?:matar|suicidar)"
        r"|no quiero (?:vivir|seguir viviendo|existir)|quitarme la vida|(?:quiero|voy a"
        r"|ganas de) (?:hacerme dano|cortarme las venas)|acabar con mi vida)\b",
    ),
    rule(
        Tier.RISK,
        "fr",
        r"\b(?:je veux (?:mourir|en finir)(?! de (?:rire|honte))|(?:jai )?envie de (?:mourir|me tuer"
        r"|me suicider|en finir)(?! de (?:rire|honte))|(?:me suicider|me tuer)|je (?:ne )?veux plus (?:vivre"
        r"|etre la)|mettre fin a mes jours|en finir avec la vie|me faire du mal|me scarifier)\b",
        r"me tuer a (?:la tache|lentrainement)",
    ),
    rule(
        Tier.RISK,
        "de",
        r"\b(?:ich (?:will|mochte|wollte) (?:nur noch |einfach )?(?:sterben|tot sein|nicht mehr leben)"
        r"|(?:will|mochte) nicht mehr leben|mich um(?:zu)?bringen|bringe? mich um|selbstmord begehen"
        r"|mir das leben nehmen|suizidgedanken|selbstmordgedanken|mich (?:zu )?ritzen|ich ritze mich)\b",
    ),
    rule(
        Tier.RISK,
        "pt",
        r"\b(?:(?:eu )?quero morrer(?! de rir)|vontade de morrer|(?:quero|vou) me matar"
        r"|nao quero (?:mais )?viver(?! (?:em|com|aqui|na|no))|(?:quero|vou) (?:me )?suicidar"
        r"|tirar a (?:minha )?(?:propria )?vida|acabar com a minha vida|quero me cortar)\b",
    ),
    rule(
        Tier.RISK,
        "it",
        r"\b(?:(?:voglio|vorrei) (?:morire|uccidermi|ammazzarmi|farla finita|suicidarmi)(?! (?:dal ridere"
        r"|di vergogna))"
        r"|togliermi la vita|non voglio (?:piu )?vivere(?! (?:a|in|con|qui))|mi voglio (?:uccidere|ammazzare"
        r"|suicidare)|farmi del male)\b",
    ),
    rule(
        Tier.RISK,
        "nl",
        r"\b(?:ik wil (?:dood|sterven|niet meer leven|er niet meer zijn|een eind(?:e)? aan mijn leven maken)"
        r"|zelfmoord (?:plegen|gedachten)|mezelf (?:van kant maken|iets aandoen|snijden|doden|pijn doen)"
        r"|ik ga mezelf doden)\b",
    ),
)

SOMEBODY = (
    r"(?:my (?:best |little |older |big |younger |close |step |ex )?(?:friend|brother|sister|mom|mum"
    r"|mother|dad|father|son|daughter|kid"
    r"|child|wife|husband|partner|girlfriend|boyfriend|gf|bf|ex|cousin|uncle|aunt|roommate|flatmate|colleague"
    r"|coworker"
    r"|boss|neighbou?r|mentee|client|student|teammate|grandmother|grandfather|grandma|grandpa|nephew"
    r"|niece|buddy|wingman)"
    r"|a (?:close |good )?(?:friend|colleague|classmate|coworker|student|member)(?: of mine)?"
    r"|someone (?:i know|close to me|in my \w{1,10})"
    r"|somebody i know|he|she|they|hes|shes|theyre)"
)
_THEIR = r"(?:himself|herself|themself|themselves|him self|her self)"

THIRD_PARTY = (
    rule(
        Tier.THIRD_PARTY,
        "wants_to_die",
        rf"\b{SOMEBODY}\b[^.!?\n]{{0,60}}?\b(?:wants? to die|wanna die|wanted to die(?! (?:of|from|laughing))"
        r"|wish(?:es|ed)? (?:he"
        r"|she|they) (?:was|were) dead|doesnt want to (?:live|be here|be alive)"
        rf"|dont want to live|kill(?:ing|ed)? {_THEIR}|(?:end|take|ending|taking) (?:his|her"
        rf"|their) (?:own )?life|(?:hurt|harm|cut)(?:ing|ting|s)? {_THEIR}"
        r"|(?:is|are|was|feels?|been|sounds?|seems?) (?:really |very |so |a bit )?suicidal"
        r"|suicidal (?:thoughts|ideation)|self[ -]?harm(?:ing|s|ed)?"
        r"|(?:attempted|tried|committed|commit|threatened|talks? about|talking about|mentioned"
        r"|thinking (?:of|about)) (?:to commit |committing )?suicide|took (?:a bunch of|too many|all (?:his"
        r"|her|their)) pills|overdosed|better off without (?:him|her|them))\b",
        r"character|movie|film|novel|in the game|laugh",
    ),
)

# Harm by somebody near: no wish to die, but the same need for a place to turn to.
_PARTNER = (
    r"(?:boyfriend|girlfriend|husband|wife|partner|ex|fiancee?|bf|gf|dad|father|mom|mum|mother|stepdad"
    r"|stepfather|stepmom|date|he|she|roommate)"
)
ABUSE = (
    rule(
        Tier.WATCH,
        "abuse_violence",
        rf"\b{_PARTNER}\b (?:[a-z]{{1,10}} ){{0,3}}?(?:hits?|hitting|beats?|beating|punche[sd]|slapped|slaps"
        r"|choke[sd]?|choking|strangle[sd]?|kicked|kicks|shoved|pushes|raped?|rapes"
        r"|abuse[sd]?|threw things at|spat (?:on|at)) me\b(?! (?:up\b|with|at|in|to|by|off guard|out))"
        rf"|\b{_PARTNER}\b (?:[a-z]{{1,10}} ){{0,3}}?(?:(?:push(?:ed|es)|shov(?:ed|es)|threw|slammed|pinned"
        r"|dragged) me (?:against|down|into|onto|to the|by)"
        r"|forc(?:ed|es|ing) me (?:to (?:have sex|do things|sleep with|touch)|into (?:sex|bed)))\b",
        r"video game|chess|tennis|race|sparring|boxing|joke|workout",
    ),
    rule(
        Tier.WATCH,
        "abuse_threat",
        rf"\b{_PARTNER}\b (?:[a-z]{{1,10}} ){{0,3}}?(?:threaten(?:s|ed|ing)? (?:me|to (?:kill|hurt|hit|harm"
        r"|leak))|said (?:he|she|theyd|hell|shell)(?:d| would| will|ll)? (?:kill|hurt) me"
        r"|wont let me (?:leave|go|see my))\b",
    ),
    rule(
        Tier.WATCH,
        "abuse_assault",
        r"\b(?:i was|ive been|i got|i have been|was) (?:raped|sexually assaulted|molested|assaulted by|abused)\b",
    ),
    rule(
        Tier.WATCH,
        "abuse_fear",
        r"\b(?:afraid|scared|terrified) of my (?:boyfriend|girlfriend|husband|wife|partner|ex|dad|father"
        r"|stepdad|stepfather)\b"
        r"|\b(?:afraid|scared|terrified) (?:to (?:go|come|be) (?:back )?home|of (?:going"
        r"|being) (?:back )?home)\b[^.!?\n]{0,30}\bmy (?:dad|father|mom|mum"
        r"|mother|step\w+|husband|wife|boyfriend|girlfriend|partner|brother|uncle)\b",
    ),
)
