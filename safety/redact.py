"""Hide who the patient is before text leaves the machine, and put it back afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from safety.numbers import flatten

_PLACEHOLDER = re.compile(r"\[(?:NAME|PHONE|EMAIL|ID|ADDRESS|BIRTHDATE)_\d{1,4}\]")
#: Anything that looks like a placeholder, also as a model may garble it.
_LOOKALIKE = re.compile(
    r"[\[［【]\s*(NAME|PHONE|EMAIL|ID|ADDRESS|BIRTHDATE)[\s_\-]*(\d{1,4})\s*[\]］】]", re.IGNORECASE
)
# Every alternative begins with a look at its first character: fast on long texts.
_EMAIL = (
    r"(?=[A-Za-z0-9])(?<![A-Za-z0-9_.+\-])[A-Za-z0-9_.+\-]{1,64}@"
    r"[A-Za-z0-9\-]{1,63}(?:\.[A-Za-z0-9\-]{1,63}){1,4}"
)
_ID = (
    r"(?=[0-9])(?<![0-9A-Za-z])(?:\d{17}[0-9Xx](?![0-9A-Za-z])|\d{3}-\d{2}-\d{4}(?![0-9]))"
    r"|(?=[mnpsMNPS病住门医社护身])(?:(?<![A-Za-z])(?i:mrn|nhs(?: number| no\.?)?"
    r"|medical record(?: number| no\.?)?|patient id|ssn|passport(?: number| no\.?)?)"
    r"|病历号|住院号|门诊号|医保号|社保号|护照号|身份证号?码?)"
    r"\s{0,3}[:：#是为]?\s{0,3}(?:is\s+)?(?=[A-Za-z\d\- ]{0,20}\d{3})"
    r"[A-Za-z]{0,3}\d[\dA-Za-z\-]{0,30}(?: \d{3,4}){0,3}"
)
_PHONE = (
    r"(?=[0-9+(])(?<![0-9.])(?:"
    r"(?:\+?86[\s\-]?)?1[3-9]\d[\s\-]?\d{4}[\s\-]?\d{4}(?![0-9])"
    r"|\+\d{1,3}[\s\-.]?(?:\(\d{1,4}\)[\s\-.]?)?\d{1,4}(?:[\s\-.]?\d{2,4}){1,4}(?![0-9])"
    r"|\(\d{3,4}\)\s?\d{3,4}[\s\-]?\d{4}(?![0-9])"
    r"|0\d{2,4}[\s\-]\d{3,8}(?:[\s\-]\d{3,4})?(?![0-9])"
    r"|\d{3}[\-.\s]\d{3}[\-.\s]\d{4}(?![0-9])"
    r"|\d{3}-\d{4}(?![0-9])"
    r"|\d{7,15}(?![0-9]|\.[0-9]))"
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
_DATE = (
    r"(?:19|20)\d\d\s?[年\-/.]\s?\d{1,2}\s?[月\-/.]\s?\d{1,2}\s?[日号]?"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?(?i:{_MONTH}),?\s(?:19|20)\d\d"
    rf"|(?i:{_MONTH})\s\d{{1,2}}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d"
    r"|\d{1,2}[/.\-]\d{1,2}[/.\-](?:19|20)\d\d"
)
_BIRTH = (
    r"(?=[bdBD生出])(?:(?i:born(?: on)?|birth ?date|date of birth|dob|birthday)"
    r"|生日|出生日期|出生于|出生)"
    rf"\s*(?:(?i:is|was|on)\b)?[:：是为在]?\s*(?P<birthdate>{_DATE})"
    rf"|(?=[0-9A-Za-z])(?<![0-9A-Za-z\-])(?P<birthdate2>{_DATE})\s*(?:出生|生人)"
)
_FIXED = re.compile(rf"(?P<email>{_EMAIL})|{_BIRTH}|(?P<id>{_ID})|(?P<phone>{_PHONE})")
_HAS_SHAPE = re.compile(r"[@0-9０-９]")
_KINDS = {"email": "EMAIL", "birthdate": "BIRTHDATE", "birthdate2": "BIRTHDATE", "id": "ID",
          "phone": "PHONE"}  # fmt: skip
_GAP = re.compile(r"(?<=\S)[ \t]{2,}")
_BEFORE_SIGN = re.compile(r"[ \t]+([,.!?;:，。！？；：])")
_TITLES = re.compile(r"^(?:mr|mrs|ms|miss|dr|prof)\.?\s+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Hidden:
    """A text without identifiers, and what its placeholders stand for."""

    text: str
    mapping: Mapping[str, str]  #: "[NAME_1]" → "Alice Smith"; keep it on this machine


def hide(
    text: str,
    *,
    names: Sequence[str] = (),
    addresses: Sequence[str] = (),
    birth_dates: Sequence[str] = (),
    identifiers: Sequence[str] = (),
    mapping: Mapping[str, str] | None = None,
) -> Hidden:
    """Replace identifiers by stable placeholders; measurements, doses and times stay as they are.

    ``names`` as the record holds them (parts of a Latin name are hidden too), ``addresses``,
    ``birth_dates`` (as written) and ``identifiers`` (record numbers) likewise. Telephones, e-mail
    addresses, identity and record numbers and birth dates are found by their shape. Pass the
    ``mapping`` of an earlier text so that the same person keeps the same placeholder.
    """
    book = _Book(dict(mapping or {}))
    spans: list[tuple[int, int, str]] = []
    for match in _PLACEHOLDER.finditer(text):
        if match[0] not in book.mapping:  # the patient typed one: it must not be restored as ours
            spans.append((match.start(), match.end(), "ID"))
    plain = flatten(text)
    for kind, given in (("ADDRESS", addresses), ("ID", identifiers), ("BIRTHDATE", birth_dates)):
        spans += _given(plain, given, kind)
    shaped = _FIXED.finditer(_ascii(text)) if _HAS_SHAPE.search(text) else ()
    for match in shaped:
        kind = match.lastgroup or "id"
        spans.append((*match.span(kind), _KINDS[kind]))
    spans += _given(plain, _parts(names), "NAME")
    pieces, position = [], 0
    for start, end, kind in _without_overlaps(spans):
        pieces += [text[position:start], book.placeholder(text[start:end], kind)]
        position = end
    return Hidden(text="".join([*pieces, text[position:]]), mapping=book.mapping)


def restore(text: str, mapping: Mapping[str, str]) -> str:
    """Put the identifiers back; a placeholder that the mapping does not hold is dropped."""

    def original(match: re.Match[str]) -> str:
        return mapping.get(f"[{match[1].upper()}_{int(match[2])}]", "")

    restored = _LOOKALIKE.sub(original, text)
    if restored == text:
        return text
    return re.sub(
        r"[ \t]+([,.!?;:，。！？；：])", r"\1", re.sub(r"(?<=\S)[ \t]{2,}", " ", restored)
    )


class _Book:
    """Which placeholder stands for what."""

    def __init__(self, mapping: dict[str, str]) -> None:
        self.mapping = mapping
        self.known = {(_kind(key), flatten(said)): key for key, said in mapping.items()}

    def placeholder(self, said: str, kind: str) -> str:
        key = (kind, flatten(said))
        if key not in self.known:
            number = 1 + sum(_kind(placeholder) == kind for placeholder in self.mapping)
            self.known[key] = f"[{kind}_{number}]"
            self.mapping[self.known[key]] = said
        return self.known[key]


def _kind(placeholder: str) -> str:
    return placeholder[1:].split("_", 1)[0]


def _ascii(text: str) -> str:
    """Full-width digits and signs as plain ones, every character in its place."""
    return "".join(
        chr(ord(sign) - 0xFEE0) if "\uff01" <= sign <= "\uff5e" else sign for sign in text
    )


def _parts(names: Sequence[str]) -> list[str]:
    """Each name, and each part of a Latin name of three letters or more; longest first."""
    found: set[str] = set()
    for name in names:
        whole = _TITLES.sub("", name.strip())
        found.add(whole)
        found.update(
            part for part in re.split(r"[\s\-]+", whole) if part.isascii() and len(part) > 2
        )
        if len(whole) in (3, 4) and not whole.isascii() and " " not in whole:
            found.add(whole[-2:])  # the given name of a Chinese name
    return sorted((name for name in found if len(name) > 1), key=len, reverse=True)


def _given(plain: str, values: Sequence[str], kind: str) -> list[tuple[int, int, str]]:
    folded = [flatten(value).strip() for value in values]
    patterns = [
        rf"(?<![a-z0-9]){re.escape(value)}(?![a-z0-9])" if value.isascii() else re.escape(value)
        for value in folded
        if value
    ]
    if not patterns:
        return []
    return [(*match.span(), kind) for match in re.finditer("|".join(patterns), plain)]


def _without_overlaps(spans: list[tuple[int, int, str]]) -> list[tuple[int, int, str]]:
    kept: list[tuple[int, int, str]] = []
    for span in sorted(spans, key=lambda span: (span[0], -span[1])):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept
