"""New words without old ones; in doubt, everything."""

import pytest

from callbox.networks.email.quotes import new_words

QUOTE = "> The city has been told.\n>\n> Ofc. Diaz"


@pytest.mark.parametrize(
    "line",
    [
        "On Mon, Nov 23, 2026 at 5:10 PM Riverton Police <desk@police.example> wrote:",
        "On Mon, Nov 23, 2026 at 5:10 PM Riverton Police <desk@police.example>\nwrote:",
        "El lun, 23 nov 2026 a las 17:10, Policía (<desk@police.example>) escribió:",
        "pon., 23 lis 2026 o 17:10 Policja <desk@police.example> napisał(a):",
        "W dniu 23.11.2026 o 17:10, Policja pisze:",
        "Riverton Police <desk@police.example> 于2026年11月23日周一 17:10写道：",
        "在 2026年11月23日，下午5:10，Police <desk@police.example> 写道：",
        "في الاثنين، 23 نوفمبر 2026 في 5:10 م\nPolice <desk@police.example> كتب:",
        "Am 23.11.2026 um 17:10 schrieb Police <desk@police.example>:\nschrieb:",
    ],
)
def test_quoted_below(line: str) -> None:
    assert new_words(f"Thank you!\n\n{line}\n\n{QUOTE}\n") == "Thank you!"


@pytest.mark.parametrize(
    "block",
    [
        "-----Original Message-----\nFrom: Police\nSent: Monday\nTo: Ana\nSubject: light\n\nOld",
        "-----Mensaje original-----\nDe: Policía\n\nViejo",
        "________________________________\nFrom: Police <desk@police.example>\n"
        "Sent: Monday, November 23, 2026 5:10 PM\nTo: Ana\nSubject: Re: light\n\nOld words",
        "De: Policía\nEnviado el: lunes\nPara: Ana\nAsunto: RE: luz\n\nViejo",
        "Od: Policja\nWysłano: poniedziałek\nDo: Ana\nTemat: Re: lampa\n\nStare",
        "发件人: 警察\n发送时间: 2026年11月23日\n收件人: 安娜\n主题: 回复\n\n旧",
        "من: الشرطة\nتم الإرسال: الاثنين\nإلى: آنا\nالموضوع: رد\n\nقديم",
        "*From:* Police\n*Sent:* Monday\n*To:* Ana\n*Subject:* light\n\nOld",
    ],
)
def test_repeated_below(block: str) -> None:
    assert new_words(f"Thank you!\n\n{block}") == "Thank you!"


def test_quoted_above() -> None:
    said = new_words(f"On Mon, Nov 23, 2026 Police <desk@police.example> wrote:\n{QUOTE}\n\nThanks")
    assert said == "Thanks"


@pytest.mark.parametrize(
    "text",
    [
        "> Which street?\nFifth.\n> Since when?\nA week.",  # point by point
        f"{QUOTE}",  # nothing new
        f"See my answers below.\n\nOn 1.1. he wrote:\n{QUOTE}",
        "Moje odpowiedzi poniżej\n\nOd: P\nWysłano: pn\nDo: Ana\nTemat: x\n\nStare. TAK!",
        "He wrote:\n\nI will find you",  # no attribution of a mail program
        f"He says this every night:\n{QUOTE}",  # marked by hand
        "From: 5 Main Street\nTo: the park\nI walked home.",
        "Prices:\n>5 is too much, and he said so\nto me",
        "a\n\n-- \nAna\n555 0100",  # a signature stays: it may be how to reach her
        "- one thing\n- another thing",
        "",
    ],
)
def test_in_doubt_everything_stays(text: str) -> None:
    assert new_words(text) == text.strip()


def test_a_short_signature_below_the_quote_is_hers() -> None:
    assert new_words(f"Thanks\n\nOn 1.1. he wrote:\n{QUOTE}\n\n--\nAna") == "Thanks\n\n\n--\nAna"
