"""The registry: signed, whole, and nobody switches before the shadow has answered."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bot.commands.risk import app
from risk.learn import registry, shadow
from risk.learn.folder import FolderError, write
from risk.learn.shadow import Pair, compare
from risk.learn.signing import fits, public, sign

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SEED, OTHER = b"k" * 32, b"o" * 32


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANKANG_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("ANKANG_MASTER_KEY", "ab" * 32)
    monkeypatch.delenv("ANKANG_DATABASE_URL", raising=False)
    (tmp_path / "data").mkdir()


def run(*words: object) -> tuple[int, str]:
    found = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "200"})
    return found.exit_code, found.output


def model(folder: Path, version: str, name: str = "own") -> Path:
    said = {"format": 1, "kind": "recalibrated", "name": name, "version": version}
    write(folder, {"model.json": json.dumps(said).encode()})
    return folder


def test_a_signature_fits_only_its_content_and_its_key() -> None:
    signature = sign(SEED, b"models")
    assert fits(public(SEED), signature, b"models")
    assert not fits(public(SEED), signature, b"modelz")
    assert not fits(public(OTHER), signature, b"models")
    assert not fits("not a key", signature, b"models")


def test_one_version_is_active_and_the_one_before_makes_way(tmp_path: Path) -> None:
    known = registry.opened(tmp_path / "models", SEED)
    for version in ("1", "2"):
        source = model(tmp_path / version, version)
        known = registry.add(known, SEED, source, by="bob", now=NOW)
        entry = known.get("own", version)
        known = registry.move(known, SEED, entry, "active", by="bob", now=NOW)
    again = registry.opened(tmp_path / "models", SEED)
    assert again == known
    assert [(one.version, one.state) for one in again.of("own")] == [
        ("1", "retired"), ("2", "active")
    ]  # fmt: skip
    assert again.serial == 4
    with pytest.raises(FolderError, match="registered already"):
        registry.add(again, SEED, tmp_path / "2", by="bob", now=NOW)


def test_a_registry_that_somebody_changed_is_not_used(tmp_path: Path) -> None:
    known = registry.opened(tmp_path / "models", SEED)
    known = registry.add(known, SEED, model(tmp_path / "1", "1"), by="bob", now=NOW)
    path = tmp_path / "models" / "registry.json"
    with pytest.raises(FolderError, match="not signed with this clinic's key"):
        registry.opened(tmp_path / "models", OTHER)
    path.write_text(path.read_text("utf-8").replace("candidate", "active"), "utf-8")
    with pytest.raises(FolderError, match="not signed with this clinic's key"):
        registry.opened(tmp_path / "models", SEED)


def test_a_model_exchanged_for_another_is_not_used(tmp_path: Path) -> None:
    import shutil

    known = registry.opened(tmp_path / "models", SEED)
    known = registry.add(known, SEED, model(tmp_path / "1", "1"), by="bob", now=NOW)
    place = tmp_path / "models" / "own" / "1"
    shutil.rmtree(place)
    model(place, "1", name="somebody else's")  # whole in itself, but not what was signed
    with pytest.raises(FolderError, match="not what was registered"):
        known.folder(known.get("own", "1"))


def test_the_difference_counts_who_crosses_a_threshold() -> None:
    pairs = [Pair(old=0.08, new=0.12), Pair(old=0.21, new=0.19), Pair(old=0.5, new=None)]
    found = compare(pairs)
    assert (found.requests, found.both, found.only_old, found.only_new) == (3, 2, 1, 0)
    assert found.mean == pytest.approx(0.01) and found.absolute == pytest.approx(0.03)
    assert {t: (up, down) for t, up, down in found.crossed}[0.1] == (1, 0)
    assert {t: (up, down) for t, up, down in found.crossed}[0.2] == (0, 1)
    assert not found.enough


def _table(path: Path, count: int, slope: float, seed: int) -> Path:
    source = np.random.default_rng(seed)
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "age", "ill"])
        for number in range(count):
            age = float(source.uniform(30, 80))
            chance = 1 / (1 + np.exp(-slope * (age - 55)))
            writer.writerow([number, f"{age:.1f}", int(source.random() < chance)])
    return path


def test_a_new_model_runs_silently_and_is_compared_before_anyone_switches(tmp_path: Path) -> None:
    for name, slope, seed in (("old", 0.05, 1), ("new", 0.15, 2)):
        (tmp_path / name).mkdir()
        table = _table(tmp_path / f"{name}.csv", 200, slope, seed)
        code, said = run("train", table, "--target", "ill", "--model", "logistic",
                         "--groups", "", "--out", tmp_path / name / "own")  # fmt: skip
        assert code == 0, said
        assert run("registry", "add", tmp_path / name / "own", "--by", "bob")[0] == 0
        _wait_for_another_second()
    code, said = run("registry", "list")
    versions = [line.split("│")[2].strip() for line in said.splitlines() if "│ own" in line]
    old, new = versions
    assert run("registry", "promote", "own", old, "--by", "bob")[0] == 1
    assert run("registry", "promote", "own", old, "--by", "bob", "--first")[0] == 0
    assert run("registry", "shadow", "own", new, "--by", "bob")[0] == 0
    few = _table(tmp_path / "few.csv", 10, 0.1, 3)
    code, said = run("predict", "own", "--input", few)
    assert code == 0, said
    assert new not in said  # silent
    code, said = run("registry", "promote", "own", new, "--by", "bob")
    assert (code, "nothing was changed" in said) == (1, True)
    many = _table(tmp_path / "many.csv", 60, 0.1, 4)
    before = run("predict", "own", "--input", many)[1]
    code, said = run("registry", "compare", "own")
    assert code == 0 and "answered by both" in said and "70" in said
    assert run("registry", "promote", "own", new, "--by", "bob")[0] == 0
    assert run("predict", "own", "--input", many)[1] != before
    states = {line.split("│")[2].strip(): line for line in run("registry", "list")[1].splitlines()
              if "│ own" in line}  # fmt: skip
    assert "retired" in states[old] and "active" in states[new]
    notes = (tmp_path / "data" / "models" / "own" / "shadow.jsonl").read_text("utf-8")
    assert set(json.loads(notes.splitlines()[0])) == {"at", "old", "new", "p"}


def _wait_for_another_second() -> None:
    import time

    time.sleep(1.1)  # a version is named by its second


def test_shadow_notes_hold_two_numbers_and_nobody(tmp_path: Path) -> None:
    known = registry.opened(tmp_path / "models", SEED)
    for version in ("1", "2"):
        known = registry.add(known, SEED, model(tmp_path / version, version), by="b", now=NOW)
    first, second = known.of("own")
    from risk.learn.apply import Said

    one, other = Said(id="alice", probability=0.1), Said(id="alice", probability=None)
    shadow.log(known, first, second, [(one, other)], NOW)
    assert "alice" not in (tmp_path / "models" / "own" / "shadow.jsonl").read_text("utf-8")
    assert shadow.logged(known, first, second) == [Pair(old=0.1, new=None)]
    assert shadow.logged(known, second, first) == []
