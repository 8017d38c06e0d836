"""`./ankang safety`: what nobody signed, a chain that can be checked, limits that are signed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import safety
from bot.__main__ import app
from bot.domain.message import PatientId
from bot.domain.patient import Patient, PatientStatus
from bot.opening import open_house

PASSWORD = "a quiet morning on the ward"


@pytest.fixture(autouse=True)
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("ANKANG_DATA", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*words: str, typed: str = "") -> tuple[int, str]:
    result = CliRunner().invoke(app, list(words), input=typed)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        return 1, str(result.exception)
    return result.exit_code, result.output


def test_every_clinical_file_is_listed_as_unsigned_with_its_evidence() -> None:
    code, told = run("safety", "review", "--json")
    rows = {row["file"]: row for row in json.loads(told)}
    assert code == 0
    assert rows["red_flags/adult_acute.toml"]["evidence"].keys() == {
        "verified",
        "mixed",
        "recalled",
    }
    assert {row["reviewer"] for row in rows.values()} == {""}
    flags = [row for name, row in rows.items() if name.startswith("red_flags/")]
    assert sum(sum(row["evidence"].values()) for row in flags) >= 146


def test_the_list_for_people_counts_what_is_missing() -> None:
    code, told = run("safety", "review")
    assert code == 0
    assert re.search(r"\d+ files with \d+ items are not signed", " ".join(told.split()))


def test_a_signed_file_leaves_the_list(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text('reviewed_on = "2026-11-02"\nreviewer = "Dr N. Example"\n')
    (tmp_path / "b.toml").write_text('reviewed_on = ""\nreviewer = ""\n[x]\nevidence = "mixed"\n')
    signed, open_ = safety.signatures(tmp_path)
    assert (signed.signed, open_.signed) == (True, False)
    assert open_.evidence == {"mixed": 1}


def test_the_trail_is_checked_and_a_wrong_head_is_refused() -> None:
    code, told = run("safety", "verify", "--evidence")
    assert code == 0
    assert "The trail is whole" in told
    assert run("safety", "verify", "--expect", "7:" + "a" * 64)[0] == 1
    assert run("safety", "verify", "--expect", "yesterday")[0] == 2


def test_a_supervisor_signs_a_limit_and_it_is_listed_with_the_name() -> None:
    run("nurse", "dora", "--supervisor", "--name", "Dora", typed=f"{PASSWORD}\n")
    run("nurse", "bob", "--name", "Bob", typed=f"{PASSWORD}\n")
    house = open_house()
    with house.store.unit_of_work() as work:
        work.patients.add(
            Patient(
                id=PatientId("pt"),
                status=PatientStatus.ACTIVE,
                created_at=house.services.clock(),
            )
        )
    house.store.engine.dispose()
    set_limit = ("safety", "set", "pt", "limit", "oxygen_low", "88", "--by")
    assert run(*set_limit, "dora", typed="not the password\n")[0] == 1
    assert run(*set_limit, "bob", typed=f"{PASSWORD}\n")[0] == 1
    assert run(*set_limit, "dora", typed=f"{PASSWORD}\n")[0] == 0
    told = " ".join(run("safety", "record", "pt")[1].split())
    assert "oxygen_low" in told and "88" in told and "Dora" in told and "Bob" not in told
    entry = re.search(r"[0-9a-f]{16}", told)
    assert entry is not None
    assert run("safety", "end", "pt", entry[0], "--by", "dora", typed=f"{PASSWORD}\n")[0] == 0
    assert "oxygen_low" not in run("safety", "record", "pt")[1]


def test_limits_that_may_be_set_are_told_with_their_bounds() -> None:
    code, told = run("safety", "limits")
    assert code == 0
    for kind in safety.limit_kinds():
        assert kind in told
