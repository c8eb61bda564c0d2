"""Sorting in five languages: danger is never missed, and the words that caused it are named."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callbox.rules import triage
from callbox.rules.triage import language_of, sort
from callbox.vocabulary import Intent, Urgency

LANGUAGES = ("en", "es", "pl", "zh", "ar")

#: What people might write, by language and what it is.
SAID: dict[tuple[str, Intent], str] = {
    ("en", Intent.EMERGENCY): "There are shots fired behind the school on Pulaski!!",
    ("en", Intent.CRISIS): "I just want to die and nobody is listening",
    ("en", Intent.MEDIA): "Hi, I am a reporter with the Example Gazette, who do I call?",
    ("en", Intent.COMPLAINT): "Your officer was rude to my mother at the station yesterday",
    ("en", Intent.PRAISE): "Thank you to the two officers who helped us on Monday",
    ("en", Intent.EVENT): "When is the next beat meeting?",
    ("en", Intent.CONCERN): "The street light on W Monroe has been out for two weeks",
    ("en", Intent.QUESTION): "Is the station open on Sundays?",
    ("es", Intent.EMERGENCY): "¡Auxilio! Hay un incendio en el edificio de al lado",
    ("es", Intent.CRISIS): "Ya no puedo más, quiero morir",
    ("es", Intent.MEDIA): "Soy periodista de un diario local, ¿con quién hablo?",
    ("es", Intent.COMPLAINT): "Quiero poner una queja contra un agente",
    ("es", Intent.PRAISE): "Muchas gracias por su ayuda de ayer",
    ("es", Intent.EVENT): "¿A qué hora es la reunión del barrio?",
    ("es", Intent.CONCERN): "El alumbrado de la calle lleva un mes apagado",
    ("es", Intent.QUESTION): "¿Dónde puedo recoger el informe?",
    ("pl", Intent.EMERGENCY): "Ratunku, w naszym bloku jest pożar",
    ("pl", Intent.CRISIS): "Nie daję rady, chcę umrzeć",
    ("pl", Intent.MEDIA): "Jestem dziennikarką, z kim mogę rozmawiać?",
    ("pl", Intent.PRAISE): "Dziękuję za pomoc przy szukaniu psa",
    ("pl", Intent.CONCERN): "Na naszej ulicy od tygodnia nie ma oświetlenia",
    ("pl", Intent.QUESTION): "Czy komisariat jest otwarty w niedzielę?",
    ("zh", Intent.EMERGENCY): "救命，隔壁着火了",
    ("zh", Intent.CRISIS): "我真的不想活了",
    ("zh", Intent.MEDIA): "我是记者，请问可以采访吗？",
    ("zh", Intent.PRAISE): "谢谢你们昨天的帮助",
    ("zh", Intent.CONCERN): "我们街上的路灯坏了两个星期",
    ("zh", Intent.QUESTION): "周日可以去报到吗？",
    ("ar", Intent.EMERGENCY): "النجدة، هناك حريق في البناية",
    ("ar", Intent.CRISIS): "أريد أن أموت",
    ("ar", Intent.MEDIA): "أنا صحفي من جريدة محلية",
    ("ar", Intent.PRAISE): "شكرا لكم على المساعدة أمس",
    ("ar", Intent.CONCERN): "مصباح الشارع معطل منذ أسبوعين",
    ("ar", Intent.QUESTION): "هل المركز مفتوح يوم الأحد؟",
}
URGENCY = {
    Intent.EMERGENCY: Urgency.EMERGENCY,
    Intent.CRISIS: Urgency.EMERGENCY,
    Intent.MEDIA: Urgency.SOON,
}


@pytest.mark.parametrize(
    ("language", "intent", "text"),
    [(language, intent, text) for (language, intent), text in SAID.items()],
    ids=[f"{language} {intent}" for language, intent in SAID],
)
def test_what_people_write(language: str, intent: Intent, text: str) -> None:
    verdict = sort(text)
    assert (verdict.language, verdict.intent) == (language, intent)
    assert verdict.urgency is URGENCY.get(intent, Urgency.ROUTINE)
    assert verdict.because
    assert all(word in text.lower() for word in verdict.because if word != "?")


PHRASES = [
    (language, phrase)
    for table in (triage.EMERGENCY, triage.CRISIS)
    for language in LANGUAGES
    for phrase in table[language].split("|")
]


@pytest.mark.parametrize(("language", "phrase"), PHRASES, ids=[phrase for _, phrase in PHRASES])
def test_no_phrase_of_danger_is_missed(language: str, phrase: str) -> None:
    for text in (
        phrase,
        phrase.upper(),
        f"@pd11 thanks for the food drive?? {phrase}!!!",
        f"{'x ' * 1900}{phrase}",
        f"line one\n{phrase}\nline three",
    ):
        assert sort(text).urgency is Urgency.EMERGENCY, text[-60:]


@pytest.mark.parametrize(
    "table", ["EMERGENCY", "CRISIS", "MEDIA", "COMPLAINT", "PRAISE", "CONCERN"]
)
def test_every_table_speaks_all_five_languages(table: str) -> None:
    assert set(getattr(triage, table)) == set(LANGUAGES)


@pytest.mark.parametrize(
    "text",
    [
        "Loved the fire truck at the open house",
        "Can I pay my parking fine online",
        "Nice to see officers walking on 63rd today",
        "¿A qué hora abren?",
        "Dzień dobry, gdzie jest komisariat?",
    ],
)
def test_everyday_words_alarm_nobody(text: str) -> None:
    assert sort(text).urgency is Urgency.ROUTINE


def test_danger_outranks_everything_else_that_is_said() -> None:
    verdict = sort("Thanks. I am a reporter. My neighbour says she wants to die: I want to die too")
    assert verdict.intent is Intent.CRISIS
    assert sort("A reporter was rude, file a complaint").intent is Intent.MEDIA


@pytest.mark.parametrize(
    ("text", "declared", "language"),
    [
        ("When is the next meeting?", "es", "en"),  # a phone's language is not the text's
        ("¿Cuándo?", "", "es"),
        ("Ok", "pl-PL", "pl"),  # nothing to go by: what was declared
        ("👍👍", "", ""),
        ("", "zh-Hans", "zh"),
        ("谢谢 thank you", "", "zh"),
    ],
)
def test_the_language_of_a_text(text: str, declared: str, language: str) -> None:
    assert language_of(text, declared) == language


@given(st.text(max_size=400), st.text(max_size=12))
def test_any_text_has_a_verdict_with_words_of_its_own(text: str, declared: str) -> None:
    verdict = sort(text, declared)
    assert len(verdict.language) <= 3
    assert verdict == sort(text, declared)
    for word in verdict.because:
        assert word.casefold() in text.casefold() or word == "?"


@pytest.mark.parametrize("pattern", ["a", "el la los ", "?", "助", "ش", "street ligh", "\u0335"])
def test_time_grows_with_length_and_not_faster(pattern: str) -> None:
    def takes(length: int) -> float:
        text = pattern * (length // len(pattern))
        best = 1e9
        for _ in range(3):
            began = time.perf_counter()
            sort(text)
            best = min(best, time.perf_counter() - began)
        return best

    assert takes(1_000_000) < 30 * takes(4_000) + 0.05  # only the first 4,000 characters count
