"""Check an article against the rules: every problem as one sentence with file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from knowledge import article as reader
from knowledge.article import Draft
from knowledge.graph import graph
from knowledge.model import LANGUAGES, Article, Language, Line
from knowledge.rules import Rules

_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_WORD = re.compile(r"[A-Za-z0-9'’.-]+")
_ON = re.compile(r"on:[a-z0-9]+(?:_[a-z0-9]+)*")
_TWO_SENTENCES = {
    "en": re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bDr)(?<!\bvs)[.!?]\s+[A-Z]"),
    "zh": re.compile(r"[。！？].*[。！？]"),
}
_STATES = ("draft", "reviewed")
_EVIDENCE = ("verified", "recalled")


def check(file: Path, rules: Rules, name: str = "") -> tuple[Article | None, list[str]]:
    """The article, and all that is wrong with it; load it only when nothing is."""
    found, problems = reader.read(file, rules, name)
    if found is None:
        return None, problems
    draft = Draft(file=file, name=name or file.name, raw=file.read_text("utf-8").splitlines())
    _fields(draft, found, rules)
    for language in LANGUAGES:
        _language(draft, found, language, rules)
    _same(draft, found)
    return found, _ordered([*problems, *draft.problems])


def _ordered(problems: Sequence[str]) -> list[str]:
    def line(text: str) -> int:
        found = re.search(r", line (\d+):", text)
        return int(found[1]) if found else 0

    return sorted(dict.fromkeys(problems), key=line)


def _fields(draft: Draft, one: Article, rules: Rules) -> None:
    if one.id != draft.file.stem:
        draft.wrong(f"the id {one.id!r} is not the file's name", draft.at("id"))
    if one.area not in rules.areas:
        draft.wrong(f"the folder {one.area!r} is no area")
    if one.status not in _STATES:
        draft.wrong(f"status is {one.status!r}, not draft or reviewed", draft.at("status"))
    if (one.status == "reviewed") != bool(one.reviewer and one.reviewed_on):
        draft.wrong(
            "reviewed needs reviewer and reviewed_on, and a draft has neither", draft.at("status")
        )
    if one.evidence not in _EVIDENCE:
        draft.wrong(f"evidence is {one.evidence!r}, not verified or recalled", draft.at("evidence"))
    if not one.about:
        draft.wrong("about names nothing", draft.at("about"))
    for id_ in one.about:
        if id_ not in graph() and id_ not in rules.topics:
            draft.wrong(
                f"about: {id_} is neither in the graph nor a topic of articles.toml",
                draft.at("about"),
            )
    for language in LANGUAGES:
        asked = one.questions[language]
        if asked:
            _within(draft, rules, "questions", len(asked), f"questions in {language}",
                    draft.at("questions"))  # fmt: skip
        if len({" ".join(q.lower().split()) for q in asked}) < len(asked):
            draft.wrong(f"a question in {language} is there twice", draft.at("questions"))
        for text in (one.title[language], *asked):
            if text and (_CHINESE.search(text) is not None) != (language == "zh"):
                draft.wrong(f"{text!r} is not {language}", draft.at("questions"))


def _within(draft: Draft, rules: Rules, key: str, count: int, what: str, line: int) -> None:
    low, high = rules.bounds[key]
    if not low <= count <= high:
        draft.wrong(f"there are {count} {what}, {low} to {high} are needed", line)


def _language(draft: Draft, one: Article, language: Language, rules: Rules) -> None:
    lines, help_ = one.lines[language], one.help[language]
    heading = rules.headings[language]
    if not lines:
        draft.wrong(f"there is no text under # {heading['text']}")
        return
    _within(draft, rules, "lines", len(lines), f"lines under # {heading['text']}", lines[0].number)
    tagged = [line for line in lines if line.tag]
    _within(draft, rules, "tagged", len(tagged), "tagged lines", lines[0].number)
    if help_ or one.area not in rules.without_safety_net:
        _within(draft, rules, "help", len(help_), f"lines of safety net under ## {heading['help']}",
                help_[0].number if help_ else lines[-1].number)  # fmt: skip
    if lines[0].tag:
        draft.wrong("the first line is the answer for everybody and has no tag", lines[0].number)
    for line in (*lines, *help_):
        for what in _one(one, line, language, rules):
            draft.wrong(what, line.number)


def _one(one: Article, line: Line, language: Language, rules: Rules) -> Iterator[str]:
    if line.tag and line.tag not in rules.tags and not _ON.fullmatch(line.tag):
        yield f"the tag [{line.tag}] is unknown"
    for cite in line.cites:
        if not 1 <= cite <= len(one.sources):
            yield f"[{cite}] cites none of the {len(one.sources)} sources"
    chinese = _CHINESE.search(line.text) is not None
    if chinese != (language == "zh"):
        yield f"this line is not {language}"
    elif language == "en":
        low, high = rules.bounds["words_en"]
        if not low <= (count := len(_WORD.findall(line.text))) <= high:
            yield f"the line has {count} words, {low} to {high} are wanted"
    else:
        low, high = rules.bounds["characters_zh"]
        if not low <= (count := len(line.text)) <= high:
            yield f"the line has {count} characters, {low} to {high} are wanted"
    if _TWO_SENTENCES[language].search(line.text):
        yield "there are two sentences in one line"
    for what, words in rules.said(line.text, language, one.area):
        yield f"it {what} ({words!r})" if what[0].isascii() else f"{what} ({words!r})"


def _same(draft: Draft, one: Article) -> None:
    """Both languages, line by line: as many, with the same tags and citations."""
    for part in (one.lines, one.help):
        english, chinese = part["en"], part["zh"]
        if not (english and chinese):
            if english or chinese:
                here = (*english, *chinese)[0].number
                draft.wrong("this part is missing in the other language", here)
            continue
        if len(english) != len(chinese):
            draft.wrong(
                f"there are {len(english)} lines in English and {len(chinese)} in Chinese",
                chinese[0].number,
            )
            continue
        for left, right in zip(english, chinese, strict=True):
            if left.tag != right.tag:
                draft.wrong(
                    f"the tag is [{right.tag}], and [{left.tag}] in English on line {left.number}",
                    right.number,
                )
            if left.cites != right.cites:
                draft.wrong(
                    f"it cites {list(right.cites)}, and {list(left.cites)} in English on line "
                    f"{left.number}",
                    right.number,
                )
