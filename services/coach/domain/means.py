"""Words for means and for bodies, shared by the rules of the crisis screen: what people take, hold, cut and stand on.

A rule names a kind of act and a kind of means; which drug, which poison and which blade is told here, once.
"""

# Medicines that are dangerous in quantity, by kind and by the names that people use.
DRUG = (
    r"(?:(?:sleeping |heart |pain |diet |blood pressure )?(?:pills?|tablets?|meds|medications?|medicines?|capsules)"
    r"|pain ?killers?|sleeping aids?|anti ?depressants?|benzos?|sedatives?|opioids?|opiates?|beta ?blockers?|sleepers"
    r"|paracetamols?|tylenol|acetaminophen|ibuprofens?|advils?|aspirins?|naproxen|codeine|tramadol|oxy(?:codone"
    r"|contin)?"
    r"|morphine|fentanyl|methadone|heroin|insulin|metformin|digoxin|propranolol|gabapentin|pregabalin|lyrica|benadryl"
    r"|sertraline|zoloft|fluoxetine|prozac|citalopram|escitalopram|lexapro|celexa|paroxetine|paxil|venlafaxine"
    r"|effexor"
    r"|duloxetine|cymbalta|bupropion|wellbutrin|mirtazapine|trazodone|amitriptyline|lithium|quetiapine|seroquel"
    r"|olanzapine|risperidone|abilify|lamotrigine|lamictal|valproate|depakote|xanax|alprazolam|valium|diazepam|ativan"
    r"|lorazepam|klonopin|clonazepam|temazepam|ambien|zolpidem|zopiclone|adderall|ritalin|vyvanse)"
)
# What no one drinks or eats by mistake.
POISON = (
    r"(?:bleach|(?:drain|toilet|oven) cleaner|cleaning (?:products?|fluid|stuff)|anti ?freeze|(?:rat|rodent) poison"
    r"|poison|weed ?killer|herbicide|pesticides?|insecticide|detergent|rubbing alcohol|disinfectant|ammonia"
    r"|(?:battery|sulfuric) acid|lighter fluid|petrol|gasoline|paint thinner|turpentine|cyanide|arsenic|batteries)"
)
SWALLOWED = (
    r"(?:took|taken|swallow(?:ed)?|swallowing|drank|drunk|drink(?:ing)?|downed|chugg(?:ed|ing)|ate|eaten|eating"
    r"|gulped"
    r"|ingest(?:ed|ing)|injected|popped|mixed|taking)"
)
MANY = (
    r"(?:bunch|handfuls?|bottles?|box(?:es)?|packs?|packets?|loads?|lots?|too many|too much|way more|far more"
    r"|all|whole|every"
    r"|entire|the rest|enough|dozens?|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|(?:a )?hundred"
    r"|\d{2,3}(?! ?(?:mg|mcg|ml|g|iu|milligrams?|units?|minutes?|min|hours?|times|days?|weeks?|percent|%)\b))"
)
BLADE = r"(?:razor(?: blade)?s?|blades?|knife|knives|box ?cutters?|scalpel|scissors|glass shard|shard of glass)"
GUN = r"(?:gun|pistol|revolver|rifle|shotgun|handgun|firearm)"
ROPE = r"(?:rope|noose|belt|cord|ligature)"
WOUNDABLE = r"(?:wrists?|arms?|forearms?|thighs?|legs?|skin|stomach|veins?|throat|hips?|neck|face|body|hands?)"
VEHICLE = r"(?:car|bus|train|truck|lorry|van|taxi|tram|subway|plane)"
LOVED = (
    r"(?:(?:dead |late )?(?:mum|mom|mother|dad|father|son|daughter|baby|husband|wife|brother|sister|grandma|grandpa"
    r"|grandmother|grandfather|nan|best friend|friend|partner|boyfriend|girlfriend|dog))"
)
