"""The graph finds what interacts and what is unsafe in whom, and refuses broken files by line."""
# ruff: noqa: E501 (a line of a table is a line)

from __future__ import annotations

import time
from pathlib import Path

import pytest
from small_graph import LINES, write

from knowledge.graph import FOLDER, Graph, load, problems
from knowledge.graph_model import GraphError


@pytest.fixture
def small(tmp_path: Path) -> Graph:
    return load(write(tmp_path))


def test_a_class_interaction_holds_for_its_medicines_both_ways_and_the_worst_comes_first(
    small: Graph,
) -> None:
    found = small.interactions("warfarin", "ibuprofen")
    assert [known.severity for known in found] == ["contraindicated", "major"]
    assert small.interactions("ibuprofen", "warfarin") == found
    assert found[0].effect("zh") == "大出血"


def test_a_class_named_by_the_patient_meets_what_is_known_of_one_of_its_medicines(
    small: Graph,
) -> None:
    found = small.interactions("anticoagulants", "ibuprofen")
    assert [(known.a, known.b) for known in found] == [
        ("ibuprofen", "warfarin"),
        ("anticoagulants", "nsaids"),
    ]


def test_two_of_one_class_clash_but_a_medicine_not_with_itself(small: Graph) -> None:
    assert [known.a for known in small.interactions("ibuprofen", "naproxen")] == ["nsaids"]
    assert small.interactions("ibuprofen", "ibuprofen") == ()


def test_a_whole_list_is_checked_with_its_foods(small: Graph) -> None:
    clashes = small.interactions_in(["grapefruit", "apixaban", "naproxen", "metoprolol"])
    assert [(c.a, c.b, c.worst.severity) for c in clashes] == [
        ("apixaban", "naproxen", "major"),
        ("grapefruit", "apixaban", "minor"),
    ]


def test_a_class_of_classes_passes_its_side_effects_down_and_the_nearest_wins(
    small: Graph,
) -> None:
    [edge] = small.edges_of("naproxen", "side_effect")
    assert (edge.start, edge.strength) == ("painkillers", "sometimes")
    [edge] = small.edges_of("ibuprofen", "side_effect")
    assert (edge.start, edge.strength) == ("ibuprofen", "common")


def test_what_is_unsafe_in_heart_failure_is_unsafe_in_every_kind_of_it(small: Graph) -> None:
    [edge] = small.contraindications("ibuprofen", ["heart_failure_weak_pump", "gout"])
    assert (edge.end, edge.strength, edge.note("zh")) == ("heart_failure", "caution", "会潴留水钠")
    assert small.contraindications("metoprolol", ["heart_failure"]) == ()


def test_edges_are_read_from_both_ends(small: Graph) -> None:
    assert [edge.start for edge in small.edges_to("nausea", "has_symptom")] == [
        "gastritis", "ovarian_cyst", "heart_failure"]  # fmt: skip
    assert small.members("painkillers") == ("ibuprofen", "naproxen")
    assert small.edges_from("no_such_thing") == ()


@pytest.mark.parametrize(
    ("file", "line", "says"),
    [
        ("edges/all.tsv", "gout\thas_symptom\tfever\tcommon\tbook\t\t", "'fever' is not in the graph"),
        ("edges/all.tsv", "gout\tcauses\tnausea\tcommon\tbook\t\t", "'causes' is no relation"),
        ("edges/all.tsv", "gout\thas_symptom\tnausea\toften\tbook\t\t", "'often' is no strength"),
        ("edges/all.tsv", "gout\thas_symptom\tnausea\tcommon\t\t\t", "no source is named"),
        ("edges/all.tsv", "gout\thas_symptom\tnausea\tcommon\tblog\t\t", "'blog' is not in sources"),
        ("edges/all.tsv", "gout\thas_symptom\tpotassium\tcommon\tbook\t\t", "does not hold for"),
        ("edges/all.tsv", "gout\thas_symptom\tbig_toe_pain\trare\tbook\t\t", "already stands in all"),
        ("edges/all.tsv", "gout\thas_symptom\tnausea", "3 cells stand where 7 belong"),
        ("interactions.tsv", "warfarin\tapixaban\tmajor\ta\tb\tc\td\tbook", "in the wrong order"),
        ("interactions.tsv", "ibuprofen\twarfarin\tminor\ta\tb\tc\td\tbook", "already stands in int"),
        ("interactions.tsv", "gout\twarfarin\tmajor\ta\tb\tc\td\tbook", "the condition 'gout' cannot"),
        ("interactions.tsv", "apixaban\twarfarin\tbad\ta\tb\tc\td\tbook", "'bad' is none of"),
        ("interactions.tsv", "apixaban\twarfarin\tmajor\ta\t\tc\td\tbook", "words in both languages"),
        ("interactions.tsv", "ibuprofen\tibuprofen\tmajor\ta\tb\tc\td\tbook", "cannot stand here"),
        ("medicines.tsv", "gout\tx\tx\tnsaids\t\t\t\t\tbook", "already stands in conditions.tsv"),
        ("medicines.tsv", "newmed\tx\tx\tstatins\t\t\t\t\tbook", "no medicine class 'statins'"),
        ("medicines.tsv", "New Med\tx\tx\tnsaids\t\t\t\t\tbook", "is not an id"),
        ("symptoms.tsv", "fever\tfever\t发热\thot\t\t\tbook", "needs a lay word in both"),
        ("conditions.tsv", "flu\tflu\t流感\t\t\t\t\toften\t\tbook", "'often' is none of"),
        ("medicine_classes.tsv", "odd\todd\t怪\t\t\todd\tbook", "among its own parents"),
    ],
)  # fmt: skip
def test_a_broken_line_is_refused_with_its_file_and_line(
    tmp_path: Path, file: str, line: str, says: str
) -> None:
    lines = [*LINES[file], line]
    folder = write(tmp_path, **{file.replace("/", "_").replace(".", "_"): lines})
    with pytest.raises(GraphError) as refused:
        load(folder)
    said = str(refused.value)
    assert f"{file.rpartition('/')[2]}, line {len(lines) + 1}: " in said
    assert says in said


def test_every_mistake_is_listed_not_only_the_first(tmp_path: Path) -> None:
    folder = write(tmp_path, edges_all_tsv=["a\thas_symptom\tb\tcommon\tbook\t\t"])
    assert len(problems(folder)) == 2
    (folder / "sources.toml").write_text("[book", "utf-8")
    assert problems(folder)[0].startswith("sources.toml: cannot be read")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    folder = write(tmp_path)
    (folder / "foods.tsv").unlink()
    with pytest.raises(GraphError, match=r"foods\.tsv: the file is missing"):
        load(folder)


def test_the_files_of_the_house_hold_no_mistake_and_open_fast() -> None:
    assert problems(FOLDER) == ()
    started = time.process_time()
    whole = load(FOLDER)
    assert time.process_time() - started < 0.4
    assert whole.of_kind("medicine_class")
