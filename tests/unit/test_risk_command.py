"""`./ankang risk` as a person types it: tables in, tables out, one clear sentence otherwise."""

import csv
from pathlib import Path

import pytest
from typer.testing import CliRunner

import risk
from bot.commands.risk import app

DATA = Path(__file__).parent / "data" / "risk"
HEADER = "id,sex,age,bmi,waist,active,veg,bpmeds,highglu,fh"
GOOD = "a,male,44,24.9,94,0,0,0,0,first"


def run(*words: object) -> tuple[int, str]:
    found = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})
    return found.exit_code, found.output


def scored(folder: Path, model: str, text: str, *more: str) -> list[dict[str, str]]:
    source, target = folder / "in.csv", folder / "out.csv"
    source.write_text(text, "utf-8")
    code, said = run("score", model, "--input", source, "--output", target, *more)
    assert code == 0, said
    with target.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


@pytest.mark.parametrize("info", risk.catalogue(), ids=lambda info: info.id)
def test_a_model_reads_its_own_examples_and_writes_its_own_columns(info, tmp_path):
    text = (DATA / f"{info.id}.csv").read_text("utf-8")
    rows = scored(tmp_path, info.id, text)
    with (DATA / f"{info.id}.csv").open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        ids = [row["id"] for row in reader]
        wanted = [
            "value" if name == "expected" else name.removeprefix("expected_")
            for name in reader.fieldnames or ()
            if name.startswith("expected")
        ]
    assert [row["id"] for row in rows] == ids
    assert next(iter(rows[0])) == "id" and list(rows[0])[-2:] == ["reason", "note"]
    assert set(wanted) <= set(rows[0])
    assert all(row["reason"] == "" for row in rows)


def test_list_names_every_model_and_show_tells_all_about_it():
    code, said = run("list")
    assert code == 0
    assert all(info.id in said for info in risk.catalogue())
    for info in risk.catalogue():
        code, said = run("show", info.id)
        assert code == 0
        assert info.licence[:60] in said and "draft, needs clinical sign-off" in said


def test_bad_rows_keep_their_place_with_empty_values_and_a_reason(tmp_path):
    bad = "b,male,44,24.9,940,0,0,0,0,first"
    rows = scored(tmp_path, "findrisc", f"{HEADER}\n{GOOD}\n{bad}\n{GOOD}\n")
    assert [row["value"] for row in rows] == ["11", "", "11"]
    assert rows[1]["reason"] == "waist 940 is outside 40 to 250 cm"


def test_extra_columns_and_another_order_change_nothing(tmp_path):
    text = "fh,expected,highglu,bpmeds,veg,active,waist,bmi,age,sex,id\n"
    text += "first,x,0,0,0,0,94,24.9,44,male,a\n"
    assert scored(tmp_path, "findrisc", text)[0]["value"] == "11"


def test_explain_says_what_makes_up_the_number(tmp_path):
    rows = scored(tmp_path, "findrisc", f"{HEADER}\n{GOOD}\n", "--explain")
    assert rows[0]["explain"].startswith("slightly elevated; age 0; bmi 0; waist 3")
    text = (DATA / "prevent_2023.csv").read_text("utf-8")
    assert scored(tmp_path, "prevent_2023", text, "--explain")[0]["explain"].startswith(
        "total_cvd: dm +1.0020; sbp +0.9355"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("id,sex\na,male\n", "The column age is missing"),
        (HEADER + "\n", "has a header but 0 rows"),
        ("", "The table is empty"),
        (f"{HEADER}\n{GOOD}\nb,male,forty,25,90,1,1,0,0,none\n",
         "Row 3 (id b), column age: 'forty' is not a number"),
        (f"{HEADER}\n{GOOD}\nb,male,44,25\n", "Row 3 (id b) has not as many cells"),
        (f"{HEADER}\n{GOOD},9\n", "Row 2 (id a) has not as many cells"),
        (f"{HEADER},age\n{GOOD},9\n", "The column age is there 2 times"),
        (f'{HEADER}\n"a,male\n', "is not a CSV table"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_read_ends_with_one_sentence_and_no_file(tmp_path, text, words):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(text, "utf-8")
    code, said = run("score", "findrisc", "--input", source, "--output", target)
    assert code == 2
    assert words in said.replace("\n", " ")
    assert len(said.strip().splitlines()) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.csv"]


def test_an_older_answer_survives_a_table_that_cannot_be_read(tmp_path):
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(f"{HEADER}\n{GOOD}\nb,male,x,25,90,1,1,0,0,none\n", "utf-8")
    target.write_text("kept", "utf-8")
    assert run("score", "findrisc", "--input", source, "--output", target)[0] == 2
    assert target.read_text("utf-8") == "kept"


def test_text_in_a_json_cell_is_named(tmp_path):
    source = tmp_path / "in.csv"
    source.write_text('id,score,inputs\na,qsofa,"{""rr"": ""fast""}"\n', "utf-8")
    code, said = run("score", "qsofa_curb65_wells", "--input", source, "--output", tmp_path / "o")
    assert (code, "Row 2 (id a), column inputs: rr is not a number" in said) == (2, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("show", "qrisk3_2017"), "There is no model qrisk3_2017"),
        (("score", "phq8", "--input", "x", "--output", "y"), "There is no model phq8"),
        (("score", "phq9", "--input", "nowhere.csv", "--output", "y"), "nowhere.csv"),
        (("score", "phq9", "--input", "x", "--output", "nowhere/y"), "cannot be written"),
    ],
)
def test_what_is_not_there_is_said_in_one_sentence(words, sentence, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, said = run(*words)
    assert code == 2
    assert sentence in said


def test_a_byte_order_mark_of_a_spreadsheet_is_no_part_of_the_first_column(tmp_path):
    assert scored(tmp_path, "findrisc", f"\ufeff{HEADER}\n{GOOD}\n")[0]["value"] == "11"


def test_bench_prints_the_machine_and_every_equation():
    code, said = run("bench", "--people", 1000)
    assert code == 0
    assert "cores" in said and all(info.id in said for info in risk.models())
