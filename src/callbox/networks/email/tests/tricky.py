"""Mails that have broken other programs. Each is read, or refused with words; none breaks us."""

_HEAD = b"From: Ana <ana@example.org>\r\nMessage-ID: <t@x>\r\nSubject: s\r\n"
_DEEP = b"".join(
    b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (n, n) for n in range(400)
)

MAILS: dict[str, bytes] = {
    "eight bit header": b"From: Ana L\xf3pez <a@x.example>\r\nSubject: ni\xf1o\r\n\r\nHola",
    "utf-8 header": "From: Ana <a@x.example>\r\nSubject: niño 😀\r\n\r\nHola".encode(),
    "unknown charset": _HEAD + b"Content-Type: text/plain; charset=klingon\r\n\r\n\xc3\xa9",
    "charset that is a codec": _HEAD + b"Content-Type: text/plain; charset=zlib\r\n\r\nx\x9c",
    "charset with a path": _HEAD + b"Content-Type: text/plain; charset=../../etc\r\n\r\nHi",
    "charset with a nul": _HEAD + b'Content-Type: text/plain; charset="a\x00b"\r\n\r\nHi',
    "wrong charset": _HEAD + b"Content-Type: text/plain; charset=utf-8\r\n\r\nni\xf1o",
    "broken base64": _HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n!!!=A=B",
    "broken quoted-printable": _HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=",
    "uuencode": _HEAD + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\r\nM\r\nend",
    "no end of parts": _HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nHi",
    "no boundary": _HEAD + b"Content-Type: multipart/mixed\r\n\r\nHi",
    "empty boundary": _HEAD + b'Content-Type: multipart/mixed; boundary=""\r\n\r\n--\r\n\r\nHi',
    "two boundaries": _HEAD + b"Content-Type: multipart/mixed; boundary=a; boundary=b\r\n\r\n--b",
    "deep nesting": _HEAD + _DEEP,
    "message in message": _HEAD + b"Content-Type: message/rfc822\r\n\r\nFrom: b\r\n\r\nHi",
    "report that is none": _HEAD + b"Content-Type: message/delivery-status\r\n\r\nAction\r\n\r\n:",
    "nul bytes": _HEAD + b"\r\nHi\x00there\x00",
    "lone carriage returns": b"From: a@x.example\rSubject: s\r\rHi",
    "lone line feeds": b"From: a@x.example\nSubject: s\n\nHi",
    "header without a value": b"From\r\nSubject:\r\n:\r\n\r\nHi",
    "space before the colon": b"From : a@x.example\r\nSubject : s\r\n\r\nHi",
    "folded to nothing": b"From: a@x.example\r\nSubject:\r\n \r\n \r\n\r\nHi",
    "very long header": b"From: a@x.example\r\nReferences: " + b"<a@b> " * 20_000 + b"\r\n\r\nHi",
    "very long word": b"From: a@x.example\r\nSubject: " + b"=?a?q?" * 20_000 + b"\r\n\r\nHi",
    "very many semicolons": b"From: a@x\r\nContent-Type: text/plain"
    + b';"' * 50_000
    + b"\r\n\r\nH",
    "very many tags": _HEAD + b"Content-Type: text/html\r\n\r\n" + b"<a<!--" * 30_000,
    "very many quotes": _HEAD + b"In-Reply-To: <cb1.k.cd4eeb07d5a61aa3c9b0f5d1@police.example>"
    b"\r\n\r\n" + b"> On 1 a@b wrote:\r\n" * 20_000,
    "encoded line break": b"From: =?utf-8?q?a=0D=0ABcc:_x=40y?= <a@x.example>\r\n"
    b"Subject: =?utf-8?b?YQ0KQmNjOiB4QHk=?=\r\n\r\nHi",
    "surrogates": b"From: =?utf-8?b?7aCA?= <a@x.example>\r\nSubject: =?utf-7?q?+2AA-?=\r\n\r\nHi",
    "file name in pieces": _HEAD + b"Content-Type: image/png; name*0*=x''a%; name*2=b\r\n\r\nH",
    "file name that climbs": _HEAD + b"Content-Disposition: attachment; filename=../../a\r\n\r\nH",
    "broken flowed": _HEAD + b"Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n \r\n ",
    "group address": b"From: undisclosed:;\r\nSubject: s\r\n\r\nHi",
    "broken reference": _HEAD + b"References: <<<a@b>>> <\r\n <>\r\nIn-Reply-To: <a b@c>\r\n\r\nHi",
}
