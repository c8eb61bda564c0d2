"""New words, without the mail that they answer. In doubt everything stays.

Only for answers to mail of ours, whose text we hold anyway: what somebody forwards to us, or lets
us read along, is not theirs to lose. The untouched mail is kept as it came either way.
"""

import re

# How programs say "X wrote on Y", in the languages that residents write in, by how it ends.
_WROTE = (
    "wrote:", "escribió:", "napisał(a):", "napisał:", "napisała:", "pisze:", "写道：", "写道:",
    "寫道：", "寫道:", "كتب:", "كتبت:", "كتب/كتبت:", "كتب / كتبت:", "schrieb:", "a écrit :",
    "a écrit:", "ha scritto:", "escreveu:", "написал:", "написал(а):", "пише:",
)  # fmt: skip
_ATTRIBUTION_STARTS = re.compile(
    r"(On|El|Em|Am|Le|Il|W dniu|Dnia|pon|wt|śr|czw|pt|sob|niedz|在|于|於|في|بتاريخ|\d)"
)
_ORIGINAL = re.compile(
    r"-{2,}\s*(original message|mensaje original|oryginalna wiadomość|wiadomość oryginalna"
    r"|原始邮件|原始郵件|الرسالة الأصلية|ursprüngliche nachricht|message d'origine)\s*-{2,}",
    re.IGNORECASE,
)
_FIELDS = re.compile(
    r"[*\s]*(from|sent|to|subject|date|cc|de|enviado|enviado el|para|asunto|fecha|od|wysłano|do"
    r"|temat|data|dw|发件人|发送时间|收件人|主题|日期|寄件者|收件者|主旨|من|تم الإرسال|إلى|الموضوع"
    r"|التاريخ|أرسلت)[*\s]*[:：]",
    re.IGNORECASE,
)
_FIRST = re.compile(r"[*\s]*(from|de|od|发件人|寄件者|من)[*\s]*[:：]", re.IGNORECASE)
_LINE = re.compile(r"\s*[_-]{10,}\s*")
# Who says so answers inside the old mail.
_BELOW = re.compile(
    r"\b(below|beneath|in-?line|in (red|blue|bold)|abajo|en rojo|poniżej|na czerwono)\b"
    r"|下面|下方|以下|أدناه",
    re.IGNORECASE,
)
_MOST_LINES = 5_000


def new_words(text: str) -> str:
    """What is new in an answer; the whole text when nothing else is certain."""
    lines = text.split("\n")
    if len(lines) > _MOST_LINES:
        return text
    cut = _block(lines)
    kept = _without_marked(lines) if cut is None else lines[:cut]
    said = "\n".join(kept).strip()
    return text.strip() if not said or _BELOW.search(said) else said


def _block(lines: list[str]) -> int | None:
    """Where the answered mail begins, in programs that put it below without marking its lines."""
    for at, line in enumerate(lines):
        if _ORIGINAL.fullmatch(line.strip()) or _is_header(lines, at):
            return at - 1 if at and _LINE.fullmatch(lines[at - 1]) else at
    return None


def _is_header(lines: list[str], at: int) -> bool:
    """Whether a block like From, Sent, To, Subject begins here: at least three of them."""
    if not _FIRST.match(lines[at]):
        return False
    return sum(bool(_FIELDS.match(line)) for line in lines[at : at + 6]) >= 3


def _without_marked(lines: list[str]) -> list[str]:
    """The lines without one block of marked ones (“> ”) at the end or at the start. With words
    between marked lines, somebody answers point by point: then all of it is needed."""
    marked = [at for at, line in enumerate(lines) if line.lstrip().startswith(">")]
    if not marked:
        return _without_unmarked(lines)
    first, last = marked[0], marked[-1]
    inside = range(first, last + 1)
    if any(lines[at].strip() and not lines[at].lstrip().startswith(">") for at in inside):
        return lines
    start = _attribution(lines, first)
    if start is None:
        return lines
    above, below = lines[:start], lines[last + 1 :]
    if any(line.strip() for line in above) and any(line.strip() for line in below):
        return [*above, *below] if _is_signature(below) else lines
    return above if any(line.strip() for line in above) else below


def _without_unmarked(lines: list[str]) -> list[str]:
    """No line is marked: only an attribution that names an address is certain enough."""
    for at, line in enumerate(lines):
        if line.rstrip().endswith(_WROTE):
            start = _start(lines, at)
            if re.search(r"\d", "".join(lines[start : at + 1])) and "@" in "".join(
                lines[start : at + 1]
            ):
                return lines[:start]
    return lines


def _attribution(lines: list[str], marked: int) -> int | None:
    """Where “X wrote on Y” begins, above the first marked line. None where nothing says so: what
    somebody marks by hand may be what they want us to read."""
    at = marked - 1
    while at >= 0 and not lines[at].strip():
        at -= 1
    if at < 0 or not lines[at].rstrip().endswith(_WROTE):
        return None
    return _start(lines, at)


def _start(lines: list[str], at: int) -> int:
    """The first of at most three lines of an attribution that ends at `at`."""
    for start in range(at, max(at - 3, -1), -1):
        if not lines[start].strip():
            break
        if _ATTRIBUTION_STARTS.match(lines[start].strip()):
            return start
    return at


def _is_signature(lines: list[str]) -> bool:
    said = [line for line in lines if line.strip()]
    return len(said) <= 2 and (said[0].rstrip() == "--" or len(said[0]) < 40)
