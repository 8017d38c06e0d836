"""The eval commands: the lines they read and write, the figures, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.commands.eval import answer as screened
from bot.commands.eval import app, as_line
from bot.commands.eval_lines import Case, LineError, cases
from bot.commands.eval_scores import Answered, quantile, wilson
from safety import PatientFacts, Tier

EVALS = Path(__file__).parents[1] / "evals" / "screen"


def written(folder: Path, *lines: object) -> Path:
    file = folder / "cases.jsonl"
    text = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("\n".join(text) + "\n", "utf-8")
    return file


def read(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def ran(*arguments: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    return result.exit_code, result.stdout, result.stderr


def test_each_message_comes_back_as_one_line(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        {"id": 1, "text": "crushing pain in my chest", "patient": {"country": "GB"}},
        {"id": "b", "text": "BP 128/79 this morning"},
        {"id": "c", "text": "what if I get chest pain"},
    )
    out = tmp_path / "out.jsonl"
    code, _, _ = ran("screen", file, "--out", out, "--rules-only")
    first, second, third = read(out)
    assert code == 0
    assert set(first) == {"id", "tier", "flags", "asked", "reply"}
    assert (first["id"], first["tier"], first["asked"]) == (1, "P0", False)
    assert first["flags"][0] == {"id": "chest_pain_acs", "start": 0, "end": 25, "from": "rule"}
    assert "999" in first["reply"]
    assert (second["tier"], second["reply"]) == ("P3", "")
    assert third["asked"]
    assert "?" in third["reply"]


def test_without_an_out_file_the_lines_go_to_standard_output(tmp_path: Path) -> None:
    code, said, _ = ran("screen", written(tmp_path, {"id": 1, "text": "hello"}))
    assert code == 0
    assert json.loads(said)["tier"] == "P3"


def test_labels_give_tables_with_intervals(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        {"id": 1, "text": "he's not breathing", "tier": "P0", "group": "adult", "kind": "plain"},
        {"id": 2, "text": "天气真好", "tier": "P3", "group": "adult", "kind": "normal"},
    )
    code, said, _ = ran("screen", file, "--out", tmp_path / "out.jsonl")
    assert code == 0
    assert [f"By {name}" in said for name in ("tier", "group", "kind", "language")] == [True] * 4
    assert "100.0% [20.7%, 100.0%]" in said


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{not json", "line 2: is not JSON"),
        ('["a"]', "line 2: must be an object"),
        ({"id": 2}, "line 2: field 'text'"),
        ({"text": "x"}, "line 2: field 'id'"),
        ({"id": 2, "text": 5}, "line 2: field 'text'"),
        ({"id": 2, "text": "x", "tier": "P7"}, "line 2: field 'tier'"),
        ({"id": 2, "text": "x", "teir": "P0"}, "line 2: field 'teir' is unknown"),
        ({"id": 2, "text": "x", "acceptable": "P1"}, "line 2: field 'acceptable'"),
        ({"id": 2, "text": "x", "lang": "fr"}, "line 2: field 'lang'"),
        ({"id": 2, "text": "x", "patient": {"age": "old"}}, "line 2: patient: field 'age'"),
        ({"id": 2, "text": "x", "patient": {"country": "XX"}}, "line 2: patient: field 'country'"),
        ({"id": 2, "text": "x", "patient": {"medicines": "a"}}, "patient: field 'medicines'"),
    ],
)
def test_a_wrong_line_names_line_and_field_and_ends_with_2(
    tmp_path: Path, line: object, says: str
) -> None:
    out = tmp_path / "out.jsonl"
    code, _, said = ran("screen", written(tmp_path, {"id": 1, "text": "x"}, line), "--out", out)
    assert code == 2
    assert says in said
    assert not out.exists()


def test_a_file_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    code, _, said = ran("screen", tmp_path / "none.jsonl")
    assert code == 2
    assert "none.jsonl" in said


def test_the_record_decides_where_the_words_are_silent() -> None:
    text = "nosebleed since breakfast"
    plain = screened(Case(id=1, text=text, patient=PatientFacts()))
    known = PatientFacts(medicines=frozenset({"Warfarin 3 mg"}))
    assert "anticoagulant_bleed" not in plain.verdict.flags
    assert "anticoagulant_bleed" in screened(Case(id=1, text=text, patient=known)).verdict.flags


def test_pairs_counts_the_variants_that_come_out_lower(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        {"id": 1, "base": "crushing chest pain", "variant": "crushing chest pain 🙏"},
        {"id": 2, "base": "crushing chest pain", "variant": "lovely weather"},
    )
    out = tmp_path / "out.jsonl"
    code, said, _ = ran("pairs", file, "--out", out)
    assert code == 0
    assert "2 pairs: 1 come out lower" in said
    assert [line["lower"] for line in read(out)] == [False, True]


def test_review_says_which_boundary_a_draft_crosses(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        {"id": 1, "draft": "You should double your metformin tonight.", "context": {}},
        {"id": 2, "draft": "Thank you for telling me.", "context": {"language": "en"}},
    )
    out = tmp_path / "out.jsonl"
    code, _, _ = ran("review", file, "--out", out)
    first, second = read(out)
    assert code == 0
    assert (first["allowed"], first["reasons"]) == (False, ["dose_change"])
    assert second == {"id": 2, "allowed": True, "reasons": []}


def test_a_question_counts_as_caught_and_apart() -> None:
    labelled = Case(id=1, text="what if I get chest pain", patient=PatientFacts(), tier=Tier.P0)
    found = screened(labelled)
    assert (found.outright, found.asked, found.silent) == (False, True, False)
    harmless = Answered(
        case=Case(id=1, text="", patient=PatientFacts(), tier=Tier.P3),
        verdict=found.verdict,
        milliseconds=1.0,
    )
    assert (harmless.false_alarm, harmless.false_question) == (False, True)


def test_the_wilson_interval_matches_published_values() -> None:
    low, high = wilson(81, 263)  # Newcombe 1998, table I
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)
    assert wilson(0, 0) == (0.0, 1.0)


def test_the_quantile_is_the_nearest_rank() -> None:
    assert quantile([3.0, 1.0, 2.0, 4.0], 0.5) == 2.0
    assert quantile([], 0.5) == 0.0


@pytest.mark.parametrize("name", ["probe.jsonl", "blind.jsonl", "fresh.jsonl"])
def test_the_probes_are_read_whole_and_labelled(name: str) -> None:
    found = cases(EVALS / name)
    assert {case.patient.language for case in found} == {"en", "zh"}
    assert all(case.tier is not None and case.group and case.kind for case in found)
    assert len({case.id for case in found}) == len(found)


def test_no_emergency_of_the_tuning_probe_is_missed_again() -> None:
    urgent = [case for case in cases(EVALS / "probe.jsonl") if case.tier is Tier.P0]
    missed = [case.text for case in urgent if as_line(screened(case))["tier"] != "P0"]
    assert missed == []


def test_an_unreadable_file_is_a_line_error(tmp_path: Path) -> None:
    file = tmp_path / "x.jsonl"
    file.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(LineError, match=r"x\.jsonl: cannot be read"):
        cases(file)
