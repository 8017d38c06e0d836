"""What a passage is about: its heading or question line, its names, its kind."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from knowledge import kinds, words
from knowledge.model import Passage

_LABEL = re.compile(
    r"^\s*(?:(?:question|q|focus|title|topic|subject|summary|description|definition|overview|"
    r"background|introduction)\s*[:：]|key points\s*[-–:])\s*",
    re.IGNORECASE,
)
_ANSWER = re.compile(r"^\s*(?:answer|a)\s*[:：]\s*", re.IGNORECASE)
_QUESTION = re.compile(r"^.{3,240}?[?？]+\s*")
_SUBJECT = re.compile(
    r"^(.{2,90}?)\s+(?:is|are|was|were|refers to|means|occurs|happens|develops|makes|causes|affects"
    r"|belongs|includes|results|may|can|helps|works|measures|prevents|protects)\b"
)
_BRACKETS = re.compile(r"[(（]([^()（）]{2,80})[)）]")
_ALSO = re.compile(
    r"(?:also|often|sometimes|commonly)?\s*(?:called|known as|named)\s*:?\s*", re.IGNORECASE
)
_ARTICLE = re.compile(r"^(?:the|a|an|this|these|your)\s+", re.IGNORECASE)
_VERB = re.compile(r"\b(?:is|are|was|were|has|have|may|can)\b")
_SHORT_HEADING = 14  #: words of a first line that is taken for a heading
_KIND_WORDS = re.compile(
    r"\b(symptoms?|signs?|treatments?|treated|causes?|caused|prevent(?:ed|ion)?|diagnos(?:e|ed|is)|"
    r"tests?|outlook|prognosis|complications?|inherited|genetic|changes?|related|people|affected|"
    r"risks?|side|effects?|precautions?|follow|dose|dosage|storage|disposal|overdose|emergency|"
    r"dietary|instructions|prescribed|medications?|medicines?|used|should|forget|brand|names?|"
    r"research|clinical|trials?|information|overview|stages?|frequency|exams?|eating|diet|"
    r"nutrition|common|therap(?:y|ies)|uses|special|learn|about|done|being|expect|spread)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Head:
    """`line` stands for the whole passage; `names` are ways to name its topic, the surest first."""

    line: str
    names: tuple[str, ...]
    body: str
    kind: str  #: "" where no heading tells it
    headed: bool  #: the names come from a title or a heading, not from the first sentence
    told: Mapping[str, float]


def of(passage: Passage) -> Head:
    """Read the head of a passage; a title given is preferred to what its text opens with."""
    text = passage.text.strip()
    line, body = _heading(text)
    if passage.title:
        names = _names(passage.title) or [passage.title]
        given = line or passage.title
        kind = kinds.of_heading(passage.title)
        return Head(
            line=given,
            names=tuple(names),
            body=body,
            kind=kind,
            told=kinds.told(body[:600]),
            headed=True,
        )
    if line:
        return Head(
            line=line,
            names=tuple(_names(line)),
            body=body,
            kind=kinds.of_heading(line) or kinds.INFORMATION,
            told={},
            headed=True,
        )
    first = next(iter(words.sentences(body[:600])), body[:200])
    subject = _SUBJECT.match(first)
    names = _names(_ARTICLE.sub("", subject[1])) if subject else []
    return Head(
        line=first[:300],
        names=tuple(names),
        body=body,
        kind="",
        told=kinds.told(body),
        headed=False,
    )


def _heading(text: str) -> tuple[str, str]:
    """The question or short line that opens a text, and the rest; "" where nothing does."""
    start = _LABEL.sub("", text)
    question = _QUESTION.match(start)
    if question and "." not in question[0].rstrip("?？ \n")[:-1].replace("Dr.", ""):
        return question[0].strip(), _ANSWER.sub("", start[question.end() :])
    first, newline, rest = start.partition("\n")
    short = len(first.split()) <= _SHORT_HEADING and len(first) <= 120
    open_end = not first.rstrip().endswith((".", "。", "!", ":", ",")) and not _VERB.search(first)
    if newline and rest.strip() and short and open_end and not rest.lstrip()[0].islower():
        return first.strip(), _ANSWER.sub("", rest.strip())
    return "", start


def _names(line: str) -> list[str]:
    """The names in a heading: without question words, those in brackets and after commas apart."""
    line = line.rstrip("?？ .:")
    also = [
        _ALSO.sub("", part) for inner in _BRACKETS.findall(line) for part in re.split("[;,]", inner)
    ]
    bare = _KIND_WORDS.sub(" ", _BRACKETS.sub(" ", line))
    found = [bare, *also]
    return [one.strip() for one in found if words.terms(one)]
