"""What a text is about and how soon it needs a person, with the words that say so. No I/O.

Small phrase tables per language, readable by anybody who speaks it. Recall comes first for
emergencies: a false alarm costs a look. Labels hang on messages, never on people, and praise and
criticism are told apart for measuring fairness, never for ranking (policing R12, R26).
"""

import re
from functools import cache

from callbox.vocabulary import Intent, Urgency, Verdict

EMERGENCY = {
    "en": "help me|on fire|smoke coming|gunshot|shots fired|being attacked|not breathing|"
    "gas leak|smell gas|break(?:ing)? in|car crash|call 911|bleeding|unconscious",
    "es": "auxilio|incendio|humo sal|disparos|balazos|no respira|fuga de gas|huele a gas|"
    "está sangrando|llamen al 911|choque",
    "pl": "ratunku|pożar|pali się|dym wydobywa|strzały|nie oddycha|wyciek gazu|czuć gaz|wypadek",
    "zh": "救命|着火|冒烟|枪声|没有呼吸|煤气泄漏|燃气泄漏|车祸",
    "ar": "النجدة|حريق|دخان يخرج|إطلاق نار|لا يتنفس|تسرب غاز|رائحة غاز|حادث سير",
}
CRISIS = {
    "en": "kill myself|end my life|want to die|hurt myself|suicid",
    "es": "quiero morir|matarme|quitarme la vida|suicid",
    "pl": "chcę umrzeć|zabić się|odebrać sobie życie|samobój",
    "zh": "想死|自杀|不想活",
    "ar": "أريد أن أموت|انتحار|أقتل نفسي",
}
MEDIA = {
    "en": "reporter|journalist|press inquiry|media inquiry|for a story|on deadline",
    "es": "periodista|reportera|reportero|prensa",
    "pl": "dziennikar|redakcj|prasow",
    "zh": "记者|采访",
    "ar": "صحفي|صحيفة|مراسل",
}
COMPLAINT = {
    "en": "officer was rude|complain about (?:an |the )?officer|file a complaint|misconduct",
    "es": "queja contra|denunciar a un (?:policía|oficial)|mala conducta",
    "pl": "skarg[aęi] na (?:policjant|funkcjonariusz)",
    "zh": "投诉警",
    "ar": "شكوى ضد",
}
PRAISE = {
    "en": "thank you|thanks|grateful|well done|great job|appreciate",
    "es": "gracias|agradec|buen trabajo",
    "pl": "dzięk|świetna robota",
    "zh": "谢谢|感谢",
    "ar": "شكرا|شكرًا|ممتن",
}
EVENT = {
    "en": "beat meeting|block party|open house|food drive|toy drive|walk with us|the walk",
    "es": "reunión|caminata|fiesta de la cuadra|colecta",
    "pl": "spotkani|spacer|zbiórk",
    "zh": "会议|步行活动|募捐",
    "ar": "اجتماع|جولة|حملة",
}
CONCERN = {
    "en": "street ?light|speeding|pothole|abandoned|noise|graffiti|unsafe|dark at night|broken",
    "es": "alumbrado|exceso de velocidad|abandonad|ruido|peligros|bache|roto",
    "pl": "latarni|oświetleni|porzucon|hałas|niebezpieczn|zepsut|za szybko",
    "zh": "路灯|超速|噪音|废弃|不安全|坏了",
    "ar": "إنارة|مصباح|سرعة|ضوضاء|مهجور|خطر|معطل",
}
_QUESTION = re.compile("[?？؟¿]")

_SCRIPTS = (("zh", re.compile("[\u4e00-\u9fff]")), ("ar", re.compile("[\u0600-\u06ff]")))
_COMMON = {
    "es": frozenset(
        "el la los las de que y en un una por para con no es está hay mi su cuándo "
        "dónde cómo qué gracias muy pero ya".split()
    ),
    "pl": frozenset(
        "jest się nie na w z do że czy jak gdzie kiedy co to i od po dla "
        "bardzo dziękuję proszę mamy są już".split()
    ),
    "en": frozenset(
        "the is are a an of to and in on for with no not there my your when where "
        "how what thanks you we our it this that do can will be".split()
    ),
}
_PL_ONLY = re.compile("[ąćęłńśźż]", re.IGNORECASE)
_ES_ONLY = re.compile("[ñ¿¡]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")


def language_of(text: str, declared: str = "") -> str:
    """ISO 639-1 code of the language, or "" when unsure.

    Scripts first, then letters and small words. What the network declares settles only what the
    text leaves open: phones declare their owner's language, not the text's.
    """
    sample = text[:2000]
    letters = max(len(_WORD.findall(sample)), 1)
    for code, script in _SCRIPTS:
        if len(script.findall(sample)) >= min(letters, 2):
            return code
    words = [word.lower() for word in _WORD.findall(sample)]
    scores = {code: sum(word in small for word in words) for code, small in _COMMON.items()}
    scores["pl"] += 2 * len(_PL_ONLY.findall(sample))
    scores["es"] += 2 * len(_ES_ONLY.findall(sample))
    best = max(scores, key=lambda code: scores[code])
    if scores[best] and list(scores.values()).count(scores[best]) == 1:
        return best
    return declared.split("-")[0].lower()[:3]


@cache
def _pattern(table: tuple[tuple[str, str], ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{phrases})" for _, phrases in table), re.IGNORECASE)


def _found(table: dict[str, str], text: str) -> str:
    """The first words of a table that stand in the text, or ""."""
    match = _pattern(tuple(table.items())).search(text)
    return match.group(0) if match else ""


_ORDER = (
    (CRISIS, Intent.CRISIS, Urgency.EMERGENCY),
    (EMERGENCY, Intent.EMERGENCY, Urgency.EMERGENCY),
    (MEDIA, Intent.MEDIA, Urgency.SOON),
    (COMPLAINT, Intent.COMPLAINT, Urgency.ROUTINE),
)


def sort(text: str, declared_language: str = "") -> Verdict:
    """The verdict on one text. Linear in its length; only the first 4,000 characters count."""
    text = text[:4000]
    language = language_of(text, declared_language)
    for table, intent, urgency in _ORDER:
        because = _found(table, text)
        if because:
            return Verdict(urgency, intent, language, (because,))
    return _everyday(text, language)


def _everyday(text: str, language: str) -> Verdict:
    event, concern, praise = _found(EVENT, text), _found(CONCERN, text), _found(PRAISE, text)
    asks = bool(_QUESTION.search(text))
    if event and asks:
        return Verdict(Urgency.ROUTINE, Intent.EVENT, language, (event, "?"))
    if concern:
        return Verdict(Urgency.ROUTINE, Intent.CONCERN, language, (concern,))
    if asks:
        return Verdict(Urgency.ROUTINE, Intent.QUESTION, language, ("?",))
    if praise:
        return Verdict(Urgency.ROUTINE, Intent.PRAISE, language, (praise,))
    return Verdict(Urgency.ROUTINE, Intent.OTHER, language)
