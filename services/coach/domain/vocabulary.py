"""Names of conditions and of medicines, for every rule that has to know one.

A word with an everyday sense counts only where what stands around it leaves no doubt.
"""

import re
from typing import Final

# Ends what was named: "he is manic." is a claim, "a manic week" is none.
_THERE_IT_ENDS: Final = r"(?=[.,;:!?)]|\W+(?:and|or|but|too|though|who|as well)\b)"
CONDITIONS: Final = (
    r"(?:adhd|autis(?:m|tic)|asperger\w*|bipolar|depress(?:ed|ion|ive)|mdd|dysthymia|mania"
    r"|manic (?:episodes?|depress\w+|disorder)|hypomani[ac]|anxiety disorder|social anxiety"
    r"|social phobia|gad|panic disorder|agoraphobi[ac]|ocd|obsessive[ -]compulsive|c?-?ptsd"
    r"|trauma disorder|bpd|borderline (?:personality|disorder|traits)|narcissis(?:t|tic|m)|npd"
    r"|sociopath\w*|psychopath\w*|antisocial personality|histrionic|avoidant personality"
    r"|personality disorder|schizo\w+|psychosis|psychotic"
    r"|delusional|dissociative|eating disorder|anorexi[ac]|bulimi[ac]|binge eating disorder"
    r"|body dysmorphia|orthorexia|addiction|addicted to (?!(?:coffee|tea|chocolate|it|this|that|the|running)\b)\w+"
    r"|alcoholism|substance use disorder|gambling disorder|insomnia|sleep apn(?:o)?ea|narcolepsy|dyslexi[ac]"
    r"|dyspraxi[ac]|tourettes?|dementia|alzheimers?"
    r"|chronic fatigue|fibromyalgia|(?:under|over)active thyroid|thyroid (?:problem|disease|disorder|condition)s?"
    r"|hypothyroidism|diabet(?:es|ic)|pcos|adrenal fatigue"
    r"|burnout syndrome|mental(?:ly)? ill(?:ness)?|neurodivergent|codependent|attachment disorder"
    r"|seasonal affective|hypochondriac|kleptomania|paranoia|paranoid (?:personality|delusions?|disorder)|phobia"
    rf"|(?:(?<!non )(?<!non-)alcoholic|addict(?:ed)?|borderline|manic|paranoid){_THERE_IT_ENDS}"
    rf"|(?:(?<=have )|(?<=has )|(?<=got )|(?<=with )|(?<=of ))(?:add|did){_THERE_IT_ENDS})"
)
# What is taken for one's health, by kind and by name; whoever speaks of amounts of it gives orders of a doctor.
DRUG: Final = (
    r"(?:anti ?-?(?:depress|psychot|biotic)\w+|medications?|meds|ssris?|snris?|sleeping pill|pills|tablets"
    r"|dos(?:es?|ages?)|inhalers?|prescriptions?|adderall|ritalin|vyvanse|concerta|strattera|methylphenidate|lithium"
    r"|xanax|alprazolam|zoloft|sertraline|prozac|fluoxetine|lexapro|escitalopram|celexa|citalopram|paxil|paroxetine"
    r"|effexor|venlafaxine|cymbalta|duloxetine|wellbutrin|bupropion|trazodone|mirtazapine|seroquel|quetiapine"
    r"|olanzapine|risperidone|abilify|aripiprazole|lamictal|lamotrigine|benzos?|benzodiazepines?|valium|diazepam|ativan"
    r"|lorazepam|klonopin|clonazepam|ambien|zolpidem|gabapentin|pregabalin|propranolol|beta ?blockers?|statins?"
    r"|metformin|insulin|ozempic|semaglutide|levothyroxine|prednisone|steroids|warfarin|blood thinners?|opioids?"
    r"|oxycodone|tramadol|codeine|painkillers?|ibuprofen|paracetamol|tylenol|aspirin|melatonin)"
)
# `A.D.H.D.`, `A D H D` and `A-D-H-D`.
_SPELLED = re.compile(r"\b(?:[A-Za-z]\.){2,}|\b[A-Z](?:[ \-_*][A-Z]){2,}\b")
_MAY_BE_SPELLED = re.compile(r"[A-Z][ \-_*][A-Z][ \-_*][A-Z]|[A-Za-z]\.[A-Za-z]\.")
_BETWEEN = re.compile(r"[. \-_*]")
# Capitals alone may be stress ("you DID it"): somebody has to have it, or something has to be it.
_CAPITALS = re.compile(
    r"\b((?i:is|are|be|was|s|like|classic|have|has|had|got|with|of|guess|called|a)[:,]? [*“\"]*)(?:ADD|DID)\b"
)


def spelled_out(text: str) -> str:
    """`A.D.H.D.` and `A D H D` read `ADHD`; ADD and DID where they name a condition read as no verb can."""
    # Few texts have either, and these searches cost a tenth of what the patterns do.
    if _MAY_BE_SPELLED.search(text):
        text = _SPELLED.sub(lambda found: _BETWEEN.sub("", found[0]), text)
    if "ADD" in text or "DID" in text:
        text = _CAPITALS.sub(lambda found: f"{found[1]}adhd", text)
    return text
