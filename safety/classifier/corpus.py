"""Read the messages written for training: safety/corpus/LANGUAGE/GROUP.txt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from safety.verdict import Language

FOLDER = Path(__file__).parents[1] / "corpus"
TIERS = ("P0", "P1", "P2", "P3")
ASSERTIONS = (
    "now", "proxy", "asked", "denied", "idiom", "past", "media", "question", "normal", "talk",
)  # fmt: skip
NO_FLAG = "none"


@dataclass(frozen=True, kw_only=True)
class Example:
    """One labelled message; see safety/corpus/README.md for the labels."""

    text: str
    tier: str
    assertion: str
    flag: str  #: the red flag it is about, though it may not raise it; "none" for ordinary talk
    group: str
    language: Language


def read(language: Language, folder: Path = FOLDER) -> list[Example]:
    """Every message of one language. Raises ValueError naming file and line."""
    found = []
    for path in sorted((folder / language).glob("*.txt")):
        flag = ""
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if line.startswith("## "):
                flag = line[3:].strip()
            elif line.strip() and not line.startswith("# "):
                found.append(_example(line, flag, path, number, language))
    if not found:
        raise ValueError(f"no messages for {language} in {folder}")
    return found


def _example(line: str, flag: str, path: Path, number: int, language: Language) -> Example:
    tier, _, rest = line.partition("|")
    assertion, _, text = rest.partition("|")
    if not flag or tier not in TIERS or assertion not in ASSERTIONS or not text.strip():
        raise ValueError(f"{path.name}, line {number}: not 'tier|assertion|text' under a flag")
    return Example(
        text=text.strip(), tier=tier, assertion=assertion, flag=flag, group=path.stem,
        language=language,
    )  # fmt: skip
