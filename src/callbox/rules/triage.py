"""What a text is about and how soon it needs a person, with the words that say so. No I/O.

Small phrase tables per language, readable by anybody who speaks it. Recall comes first for
emergencies: a false alarm costs a look. Labels hang on messages, never on people, and praise and
criticism are told apart for measuring fairness, never for ranking (policing R12, R26).
"""

import re

from callbox.vocabulary import Intent, Urgency, Verdict

EMERGENCY = {
    "en": "help me|on fire|smoke coming|gunshot|shots fired|being attacked|not breathing|"
    "gas leak|smell gas|break in|breaking in|car crash|call 911|bleeding|unconscious",
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
    "en": "officer was rude|complain about officer|complain about an officer|"
    "complain about the officer|file a complaint|misconduct",
    "es": "queja contra|denunciar a un policía|denunciar a un oficial|mala conducta",
    "pl": "skarga na policj|skargę na policj|skargi na policj|skarga na funkcj|skargę na funkcj",
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
    "en": "street light|streetlight|speeding|pothole|abandoned|noise|graffiti|unsafe|"
    "dark at night|broken",
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
    sample = text[:2000].lower()
    words = _WORD.findall(sample)
    if not sample.isascii():
        for code, script in _SCRIPTS:
            if len(script.findall(sample)) >= min(max(len(words), 1), 2):
                return code
    scores = {code: sum(map(small.__contains__, words)) for code, small in _COMMON.items()}
    if not sample.isascii():
        scores["pl"] += 2 * len(_PL_ONLY.findall(sample))
        scores["es"] += 2 * len(_ES_ONLY.findall(sample))
    best = max(scores, key=lambda code: scores[code])
    if scores[best] and list(scores.values()).count(scores[best]) == 1:
        return best
    return declared.split("-")[0].lower()[:3]


def _phrases(table: dict[str, str]) -> tuple[str, ...]:
    return tuple(phrase for phrases in table.values() for phrase in phrases.split("|"))


def _found(phrases: tuple[str, ...], text: str) -> str:
    """The first phrase that stands in a lower-case text, or "". Plain search: a regular expression
    of all of them is ten times slower, and every message passes here."""
    return next((phrase for phrase in phrases if phrase in text), "")


_ORDER = (
    (_phrases(CRISIS), Intent.CRISIS, Urgency.EMERGENCY),
    (_phrases(EMERGENCY), Intent.EMERGENCY, Urgency.EMERGENCY),
    (_phrases(MEDIA), Intent.MEDIA, Urgency.SOON),
    (_phrases(COMPLAINT), Intent.COMPLAINT, Urgency.ROUTINE),
)
_EVENT, _CONCERN, _PRAISE = _phrases(EVENT), _phrases(CONCERN), _phrases(PRAISE)


def sort(text: str, declared_language: str = "") -> Verdict:
    """The verdict on one text. Linear in its length; only the first 4,000 characters count."""
    text = text[:4000].lower()
    language = language_of(text, declared_language)
    for phrases, intent, urgency in _ORDER:
        because = _found(phrases, text)
        if because:
            return Verdict(urgency, intent, language, (because,))
    return _everyday(text, language)


def _everyday(text: str, language: str) -> Verdict:
    event, concern, praise = _found(_EVENT, text), _found(_CONCERN, text), _found(_PRAISE, text)
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
