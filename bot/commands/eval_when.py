"""`./ankang eval when FILE.jsonl`: what is understood of each line's words of time."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rich.console import Console
from rich.progress import track

from bot.when import When, reminder, understand

FIELDS = ("id", "text", "lang", "now", "timezone")
LONG = 500  #: lines; more of them show how far it has come


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the file, checked."""

    id: str | int
    text: str
    language: str
    now: datetime
    zone: ZoneInfo


def eval_when(file: Path, out: Path | None, stdout: TextIO, stderr: TextIO) -> int:
    """Read every line, then answer each with one JSON line; 0, or 2 when a line is wrong.

    A line is ``{"id", "text", "lang": "en"|"zh", "now": ISO 8601, "timezone": IANA name}``; a
    ``now`` without an offset is local to the zone. An answer is ``{"id", "kind", "value"}``, for
    what repeats ``{"id", "kind": "set", "rule"}``, with ``certain``, ``others``, ``problem``,
    ``start`` and ``end``, ``seconds``, ``action`` and ``what``, ``more`` where there are any;
    ``kind`` is "none" where no time was said. Nothing is written before every line was read.
    """
    try:
        lines = list(read(file))
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        stderr.write(f"{file.name}: {reason}\n")
        return 2
    shown: Any = lines
    if len(lines) > LONG:
        shown = track(lines, "Understanding", console=Console(file=stderr), transient=True)
    answers = [json.dumps(answer(line), ensure_ascii=False) for line in shown]
    text = "".join(f"{a}\n" for a in answers)
    if out is None:
        stdout.write(text)
        return 0
    part = out.with_name(out.name + ".part")
    try:
        part.write_text(text, encoding="utf-8")
        os.replace(part, out)
    except OSError as error:
        stderr.write(f"{out}: {error.strerror}\n")
        return 2
    return 0


def read(file: Path) -> Iterator[Line]:
    """The lines of the file; ValueError names the line and the field that is wrong."""
    with file.open(encoding="utf-8-sig") as opened:
        for number, text in enumerate(opened, 1):
            if text.strip():
                yield _line(text, f"line {number}")


def _line(text: str, where: str) -> Line:
    try:
        row = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"{where}: this is not JSON ({error.msg})") from None
    if not isinstance(row, dict):
        raise ValueError(f"{where}: an object with {', '.join(FIELDS)} is needed")
    for field in FIELDS:
        kinds = (str, int) if field == "id" else (str,)
        if field not in row:
            raise ValueError(f"{where}: {field} is missing")
        if not isinstance(row[field], kinds) or isinstance(row[field], bool):
            raise ValueError(f"{where}: {field} must be text, it is {row[field]!r}")
    if row["lang"] not in ("en", "zh"):
        raise ValueError(f"{where}: lang must be en or zh, it is {row['lang']!r}")
    try:
        zone = ZoneInfo(row["timezone"])
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{where}: timezone {row['timezone']!r} is no IANA time zone") from None
    try:
        now = datetime.fromisoformat(row["now"])
    except ValueError:
        raise ValueError(f"{where}: now {row['now']!r} is no ISO 8601 date and time") from None
    now = now if now.tzinfo is not None else now.replace(tzinfo=zone)
    return Line(id=row["id"], text=row["text"], language=row["lang"], now=now, zone=zone)


def answer(line: Line) -> dict[str, Any]:
    """What is understood of one line: the thing that repeats, else the first time said."""
    wish = reminder(line.text, language=line.language, now=line.now, zone=line.zone)
    if wish is not None and wish.action in ("create", "move"):
        found = wish.when
    else:
        found = understand(line.text, language=line.language, now=line.now, zone=line.zone)
    asked = {} if wish is None else {"action": wish.action, "what": wish.what}
    if not found:
        return {"id": line.id, "kind": "none", "value": None} | asked
    main = next((w for w in found if w.kind == "set"), found[0])
    if wish is not None and wish.action == "move":
        main = found[-1]
    more = [_plain(w) for w in found if w is not main]
    return {"id": line.id} | _plain(main) | asked | ({"more": more} if more else {})


def _plain(when: When) -> dict[str, Any]:
    found: dict[str, Any] = {"kind": when.kind}
    if when.rule is not None:
        found["rule"] = when.rule.to_dict()
    elif when.kind == "range" and when.problem is None:
        found |= {"value": f"{when.start}/{when.end}", "start": when.start, "end": when.end}
    else:
        found["value"] = when.value
    if when.seconds is not None:
        found["seconds"] = when.seconds
    if when.problem is not None:
        found["problem"] = when.problem
    if when.others:
        found["others"] = list(when.others)
    return found | {"certain": when.certain, "words": when.words}
