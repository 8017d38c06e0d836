"""Measure the search on what was written for it, and fit when it knows: python -m bench.answers."""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.answers import written
from bot.commands import eval_ranking as ranking
from knowledge import library
from knowledge.model import LANGUAGES, Encoder, Language
from knowledge.search import Index
from knowledge.shelf import called, passage

_FEATURES = ("share", "asks", "core", "whole", "head", "head_whole", "known", "bm25", "margin")
_REFUSED = 0.92  #: share of the unanswerable that is to be refused, over folds
_FOLDS = 5
Rows = list[tuple[Mapping[str, float], bool]]


def main() -> None:
    """Print the figures; with --fit also the rules for asking/known.toml."""
    options = argparse.ArgumentParser(prog="python -m bench.answers", description=__doc__)
    options.add_argument("--fit", action="store_true", help="print the calibration anew")
    options.add_argument("--only", default="", help="fit this part alone")
    asked = options.parse_args()
    from memory.embed import load

    encoder: Any = load()
    console = Console()
    with tempfile.TemporaryDirectory() as folder:
        keep = Path(folder)
        if not asked.only:
            console.print(_ranked(encoder, keep))
            console.print(_library(encoder, keep))
        if asked.fit:
            rows: dict[str, Callable[[], Rows]] = {
                "passages": lambda: _letters(encoder, keep),
                "passages_unread": lambda: _letters(None, keep),
                "articles": lambda: _articles(encoder, keep, "en"),
                "articles_unread_en": lambda: _articles(None, keep, "en"),
                "articles_unread_zh": lambda: _articles(None, keep, "zh"),
            }
            for part, made in rows.items():
                if asked.only in ("", part):
                    console.print(_fitted(part, made()), highlight=False, markup=False)


def _ranked(encoder: Encoder, folder: Path) -> Table:
    table = Table("letters", "nDCG@10", "P@1", "best first", title="Passages")
    for headings in (True, False):
        index = Index(written.passages(headings=headings), encoder, folder=folder)
        for rambling in (False, True):
            asked = [x for x in written.letters(rambling=rambling) if x.topic]
            found = [
                ([hit.passage.id for hit in index.search(x.text).found], written.relevant(x))
                for x in asked
            ]
            name = (
                f"{'rambling' if rambling else 'plain'}, {'' if headings else 'no '}question line"
            )
            measures = (ranking.ndcg, ranking.first, ranking.best_first)
            table.add_row(name, *(f"{ranking.mean(m(*x) for x in found):.3f}" for m in measures))
    return table


def _library(encoder: Encoder, folder: Path) -> Table:
    table = Table("questions kept back", "right first", "among three", title="Articles")
    for language in LANGUAGES:
        index, asked = _half(encoder if language == "en" else None, folder, language)
        found = [[hit.passage.id for hit in index.search(text).found] for text, _ in asked]
        right = [id_ for _, id_ in asked]
        first = ranking.mean(float(ids[0] == id_) for ids, id_ in zip(found, right, strict=True))
        three = ranking.mean(float(id_ in ids[:3]) for ids, id_ in zip(found, right, strict=True))
        table.add_row(f"{len(asked)} {language}", f"{first:.3f}", f"{three:.3f}")
    return table


def _half(
    encoder: Encoder | None, folder: Path, language: Language
) -> tuple[Index, list[tuple[str, str]]]:
    """An index that knows every other question of each article, and the others with their ids."""
    held, asked = [], []
    for article in library.load().values():
        one = passage(article, language)
        held.append(replace(one, questions=one.questions[::2]))
        asked += [(text, one.id) for text in one.questions[1::2]]
    names = called()[language]
    return Index(held, encoder, folder=folder, also=names, purpose="articles"), asked


def _articles(encoder: Encoder | None, folder: Path, language: Language) -> Rows:
    index, asked = _half(encoder, folder, language)
    known = [(index.search(text).raw, True) for text, _ in asked]
    return known + [(index.search(text).raw, False) for text in written.unanswerable(language)]


def _letters(encoder: Encoder | None, folder: Path) -> Rows:
    """Letters while their topics are there, and again while these are not."""
    rows: Rows = []
    names = sorted(written.topics())
    for headings in (True, False):
        for fold in range(_FOLDS):
            gone = frozenset(names[fold::_FOLDS])
            held = written.passages(headings=headings, without=gone)
            index = Index(held, encoder, folder=folder)
            for letter in written.letters(rambling=bool(fold % 2)):
                present = letter.topic not in gone
                if not present or (letter.topic and fold == 0) or not letter.topic:
                    rows.append((index.search(letter.text).raw, bool(letter.topic) and present))
    return rows


def _fitted(part: str, rows: Rows) -> str:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_predict

    names = [name for name in _FEATURES if any(name in raw for raw, _ in rows)]
    x = np.array([[raw.get(name, 0.0) for name in names] for raw, _ in rows])
    y = np.array([answered for _, answered in rows])
    model = LogisticRegression(C=3.0, class_weight="balanced", max_iter=2000)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    sure = cross_val_predict(model, x, y, cv=folds, method="predict_proba")[:, 1]
    least = float(np.quantile(sure[~y], _REFUSED))
    area = ranking.auroc(list(sure[y]), list(sure[~y]))
    model.fit(x, y)
    weights = ", ".join(f"{n} = {w:.3f}" for n, w in zip(names, model.coef_[0], strict=True))
    return (
        f"# {int(y.sum())} answered, {int((~y).sum())} not; over folds: AUROC {area:.3f}, "
        f"answered and kept {_share(sure[y], least):.3f} at {_REFUSED} refused\n"
        f"[{part}]\nintercept = {model.intercept_[0]:.3f}\nleast = {least:.3f}\n"
        f"weights = {{ {weights} }}"
    )


def _share(sure: Sequence[float], least: float) -> float:
    return ranking.mean(float(one >= least) for one in sure)


if __name__ == "__main__":
    main()
