"""A nurse's question finds imported citations, says why, and never shows one that was retracted."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pubmed_file import CITATIONS, imported
from typer.testing import CliRunner

from bot.commands.knowledge import app
from knowledge import literature
from knowledge.literature import FILE, Hit, search
from knowledge.store import Store


def ids(hits: tuple[Hit, ...]) -> list[str]:
    return [hit.record.id for hit in hits]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return imported(tmp_path)


def test_the_citation_that_names_all_that_is_asked_comes_first(file: Path) -> None:
    answer = search(file, "dizziness, atrial fibrillation, blood thinners")
    assert ids(answer.hits)[0] == "101"
    assert "105" not in ids(answer.hits)
    assert answer.held == len(CITATIONS)


def test_the_sentence_that_fits_is_shown_and_not_the_first(file: Path) -> None:
    hit = search(file, "atrial fibrillation anticoagulants").hits[0]
    assert "Falls did not outweigh the benefit" in hit.sentence


def test_each_hit_says_what_it_names_and_where(file: Path) -> None:
    [hit] = [h for h in search(file, "anticoagulants and falls").hits if h.record.id == "102"]
    said = {(r.where, r.found.lower()) for r in hit.why}
    assert ("title", "warfarin") in said


def test_a_question_in_chinese_finds_english_citations(file: Path) -> None:
    english = ids(search(file, "atrial fibrillation, dizziness").hits)
    assert ids(search(file, "房颤 头晕").hits) == english
    assert english[0] == "101"


@pytest.mark.parametrize("text", ["高血压", "血压高", "high blood pressure (hypertension)"])
def test_an_illness_is_found_by_the_name_that_papers_use(tmp_path: Path, text: str) -> None:
    paper = ("201", 2018, "Pressure Notes", "Home readings in hypertension.",
             [("", "They fell over a year.")], "Journal Article", ())  # fmt: skip
    assert ids(search(imported(tmp_path, (paper,)), text).hits) == ["201"]


def test_a_retracted_citation_is_never_shown(file: Path) -> None:
    assert "104" not in ids(search(file, "atrial fibrillation dizziness tea cured").hits)


@pytest.mark.parametrize(
    "text",
    ['"', "AND OR NOT", "a* NEAR(", "'; DROP TABLE record;--", "", "?!", "x" * 5000, "怎么办"],
)
def test_whatever_is_typed_is_a_search_and_no_error(file: Path, text: str) -> None:
    assert search(file, text).held == len(CITATIONS)


def test_before_an_import_nothing_is_found_and_no_file_is_made(tmp_path: Path) -> None:
    answer = search(tmp_path / FILE, "gout")
    assert (answer.held, answer.hits) == (0, ())
    assert list(tmp_path.iterdir()) == []


def test_a_retired_source_is_found_no_more_and_a_new_import_is(file: Path, tmp_path: Path) -> None:
    assert ids(search(file, "gout colchicine").hits) == ["105"]
    store = Store(file)
    store.retire("pubmed", datetime.now(UTC))
    store.close()
    assert search(file, "gout colchicine") == literature.Answer(
        held=0, sought=literature.read("gout colchicine"), hits=()
    )
    again = ("106", 2024, "Gout Today", "Allopurinol for gout.", [("", "Well.")], "Review", ())
    imported(tmp_path, (again,))
    assert ids(search(file, "gout").hits) == ["106"]


def test_a_database_that_was_imported_before_there_was_an_index_is_searched(file: Path) -> None:
    import sqlite3

    link = sqlite3.connect(file)
    link.executescript("DROP TABLE words_pubmed; DROP TABLE counted;")
    link.close()
    assert ids(search(file, "gout").hits) == ["105"]


def test_the_command_line_shows_hits_and_says_how_to_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANKANG_DATA", str(tmp_path))
    empty = CliRunner().invoke(app, ["literature", "gout"])
    assert empty.exit_code == 1
    imported(tmp_path)
    found = CliRunner().invoke(app, ["literature", "gout"])
    assert found.exit_code == 0
    assert "PMID 105" in found.output
    assert "Gout Today · 2015" in found.output
    assert "Abstracts, not advice" in found.output
