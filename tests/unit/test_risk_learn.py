"""Learning from a table: what it finds, what it admits, and what it refuses to do by halves."""

from __future__ import annotations

import csv
import io
import json
import math
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from bot.commands.risk import app
from risk.learn import calibrate, design, drift, folder, measures, raw, reasons
from risk.learn import people as people_
from risk.learn.fit import Candidate, fit
from risk.learn.groups import by_group, parts
from risk.learn.model import load
from risk.learn.outcome import Outcome, outcome, timed
from risk.learn.people import Roles
from risk.sheet import SheetError


def run(*words: object) -> tuple[int, str]:
    found = CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "220"})
    return found.exit_code, found.output


def made_up(count: int, seed: int = 0) -> list[dict[str, object]]:
    """People whose outcome depends on age, sugar and place; sugar is missing for the healthy."""
    source = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        age, sugar = source.uniform(30, 80), source.normal(6, 1.5)
        place = source.choice(["north", "south"])
        log_odds = -1.2 + 0.06 * (age - 55) + 0.8 * (sugar - 6) + (0.7 if place == "south" else 0)
        known = source.random() < calibrate.expit(np.array([log_odds + 1]))[0]
        rows.append(
            {
                "id": f"p{number}", "age": round(float(age), 1), "place": place,
                "sugar": round(float(sugar), 2) if known else "",
                "sex": source.choice(["f", "m"]),
                "ill": int(source.random() < 1 / (1 + math.exp(-log_odds))),
            }
        )  # fmt: skip
    return rows


def write(path: Path, rows: list[dict[str, object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def opened(path: Path, roles: Roles) -> tuple[raw.Raw, people_.People, Outcome]:
    table = raw.read([path])
    columns, _ = people_.kinds(table, roles)
    found = people_.people(table, columns, roles)
    return table, found, outcome(table, found, roles)


ILL = Roles(target="ill", leave_out=("id",))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("trained")
    write(home / "clinic.csv", made_up(600))
    code, said = run(
        "train", home / "clinic.csv", "--target", "ill", "--groups", "sex,age_band",
        "--model", "logistic", "--out", home / "own",
    )  # fmt: skip
    assert code == 0, said
    return home


def test_a_trained_model_is_judged_with_intervals_and_by_group(trained: Path) -> None:
    report = json.loads((trained / "own" / "report.json").read_text("utf-8"))
    value, low, high = report["overall"]["auroc"]
    assert 0.65 < low < value < high < 0.95
    low, high = report["overall"]["slope"][1:]
    assert low < 1 < high
    assert {group["group"] for group in report["groups"] if group["column"] == "sex"} == {"f", "m"}
    assert "below 40" in {group["group"] for group in report["groups"]}
    assert len(report["overall"]["net_benefit"]) == 11


def test_the_card_says_whom_it_was_made_of_and_that_nobody_reviewed_it(trained: Path) -> None:
    card = (trained / "own" / "card.md").read_text("utf-8")
    assert "No clinician has reviewed this model" in card
    assert "| people | 600 |" in card
    assert "![ROC curve](roc.png)" in card
    page = (trained / "own" / "card.html").read_text("utf-8")
    assert page.count("data:image/png;base64,") == 4
    assert "<script" not in page


def test_the_same_seed_gives_the_same_model(trained: Path) -> None:
    again = trained / "again"
    run("train", trained / "clinic.csv", "--target", "ill", "--groups", "sex,age_band",
        "--model", "logistic", "--out", again)  # fmt: skip
    for name in ("weights.safetensors", "report.json"):
        assert (again / name).read_bytes() == (trained / "own" / name).read_bytes()


def test_predict_answers_every_row_in_order_and_says_why_not(trained: Path) -> None:
    source, target = trained / "new.csv", trained / "said.csv"
    source.write_text(
        "id,age,place,sugar,sex\na,50,north,5,f\nb,50,west,5,f\nc,300,north,5,f\n"
        "d,82,south,,m\ne,,,,\n",
        "utf-8",
    )
    code, said = run("predict", trained / "own", "--input", source, "--output", target, "--explain")
    assert code == 0, said
    with target.open(encoding="utf-8", newline="") as lines:
        a, b, c, d, e = csv.DictReader(lines)
    assert 0 < float(a["probability"]) < float(d["probability"]) < 1
    assert "place" in a["explain"] or "age" in a["explain"]
    assert (b["probability"], b["reason"]) == ("", "place holds a word that was never learned")
    assert c["reason"].startswith("age 300 is outside 30")
    assert d["note"].startswith("age 82 is outside")
    assert e["reason"] == "nothing is known of this person"
    code, said = run("predict", trained / "own", "--input", source)
    assert said.splitlines()[0] == "id,probability,reason,note"


def test_a_model_is_judged_on_people_it_has_not_seen(trained: Path) -> None:
    write(trained / "later.csv", made_up(400, seed=7))
    code, said = run("judge", trained / "own", trained / "later.csv")
    assert code == 0, said
    assert "400 people judged" in said and "AUROC" in said


def test_a_changed_file_is_seen_and_the_model_is_not_used(trained: Path, tmp_path: Path) -> None:
    import shutil

    copy = tmp_path / "copy"
    shutil.copytree(trained / "own", copy)
    (copy / "model.json").write_text((copy / "model.json").read_text("utf-8") + " ", "utf-8")
    code, said = run("predict", copy, "--input", trained / "clinic.csv")
    assert (code, "model.json was changed; the model is not used" in said) == (2, True)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda rows: [{**row, "ill": 0} for row in rows], "says only no in 60 rows"),
        (lambda rows: [{**row, "age": "old"} if row is rows[3] else row for row in rows],
         "row 5, column age: 'old' is not a number"),
        (lambda rows: [{**row, "ill": 2} if row is rows[1] else row for row in rows],
         "row 3, column ill: '2' is neither 0 nor 1"),
        (lambda rows: [{k: v for k, v in row.items() if k != "ill"} for row in rows],
         "The column ill is missing"),
        (lambda rows: [{**row, "ill": int(row is rows[0])} for row in rows],
         "says yes 1 and no 59 times; at least 10 of each are needed"),
        (lambda rows: [{**row, "place": f"place {n}"} for n, row in enumerate(rows)],
         "The column place holds 60 different words"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_learned_from_is_told_and_nothing_is_written(
    tmp_path: Path, change, words: str
) -> None:
    write(tmp_path / "t.csv", change(made_up(60)))
    code, said = run("train", tmp_path / "t.csv", "--target", "ill", "--out", tmp_path / "own")
    assert code == 2
    assert words in said
    assert len(said.strip().splitlines()) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty: it has no header row"),
        ("age,ill\n", "has a header but 0 rows"),
        ("age,ill\n1,0\n2\n", "row 3: it has 1 cells, and the header has 2"),
        ("age,age\n1,0\n", "the column age is there 2 times"),
        ("age,ill\n1,0\n1,0\n", "There is no column to learn from"),
    ],
)
def test_a_broken_table_names_its_row(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "t.csv").write_text(text, "utf-8")
    code, said = run("train", tmp_path / "t.csv", "--target", "ill", "--out", tmp_path / "own")
    assert (code, words in said) == (2, True), said
    assert not (tmp_path / "own").exists()


def test_a_gap_that_tells_something_is_learned_from(tmp_path: Path) -> None:
    _, people, happened = opened(write(tmp_path / "t.csv", made_up(2000)), ILL)
    found = fit(Candidate(kind="logistic", penalty=1.0), people, happened, seed=0)
    weight = found.state["weights"][found.design.terms.index("sugar not known")]
    assert weight < -0.4  # who was not measured was healthier than the average


def test_shares_of_the_logistic_regression_add_up_exactly(tmp_path: Path) -> None:
    _, people, happened = opened(write(tmp_path / "t.csv", made_up(300)), ILL)
    found = fit(Candidate(kind="logistic", penalty=1.0), people, happened, seed=0)
    typical = reasons.reference(people)
    middle = people_.People(columns=people.columns, values=typical[None], ids=("",), rows=(0,))
    whole = found.score(people) - found.score(middle)
    assert np.allclose(reasons.shares(found, people, typical).sum(axis=1), whole, atol=1e-9)


def test_integrated_gradients_of_the_transformer_add_up(tmp_path: Path) -> None:
    _, people, happened = opened(write(tmp_path / "t.csv", made_up(500)), ILL)
    found = fit(Candidate(kind="transformer"), people, happened, seed=0)
    typical = reasons.reference(people)
    middle = people_.People(columns=people.columns, values=typical[None], ids=("",), rows=(0,))
    some = people.some(np.arange(20))
    whole = found.score(some) - found.score(middle)
    shares = reasons.shares(found, some, typical)
    assert shares.shape == (20, len(people.columns))
    assert np.allclose(shares.sum(axis=1), whole, atol=0.02)
    assert (
        measures.Ranked(found.probability(people), happened.label).figures(happened.weight)["auroc"]
        > 0.7
    )


def test_visits_teach_what_one_visit_cannot(tmp_path: Path) -> None:
    source, rows = np.random.default_rng(1), []
    for number in range(300):
        slope = source.normal(0, 1)
        ill = int(source.random() < 1 / (1 + math.exp(-2.5 * slope)))
        start = source.normal(100, 10)
        for visit in range(4):
            value = start + slope * 5 * visit + source.normal(0, 1)
            rows.append({"who": f"p{number}", "day": visit * 90, "weight": value, "ill": ill})
    path = write(tmp_path / "t.csv", rows)
    roles = Roles(target="ill", person="who", visit="day")
    _, people, happened = opened(path, roles)
    assert (len(people), people.values.shape) == (300, (1200, 1))
    assert "weight (change)" in [column.name for column in design.flat(people).columns]
    code, said = run("train", path, "--target", "ill", "--id", "who", "--visit", "day",
                     "--model", "logistic", "--out", tmp_path / "own")  # fmt: skip
    assert code == 0, said
    auroc = json.loads((tmp_path / "own" / "report.json").read_text())["overall"]["auroc"][0]
    assert auroc > 0.75
    code, said = run("predict", tmp_path / "own", "--input", path)
    assert len(list(csv.DictReader(io.StringIO(said)))) >= 300
    found = fit(Candidate(kind="transformer"), people, happened, seed=0)
    shares = reasons.shares(found, people.some(np.arange(5)), reasons.reference(people))
    assert shares.shape == (5, 1)


def test_visits_of_one_person_that_disagree_are_told(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"who": f"p{n // 2}", "day": n % 2, "x": n % 7, "ill": (n // 2) % 2} for n in range(80)
    ]
    rows[3]["ill"] = 0
    path = write(tmp_path / "t.csv", rows)
    with pytest.raises(SheetError, match="row 5, column ill: the visits of 'p1' do not agree"):
        opened(path, Roles(target="ill", person="who", visit="day"))


def test_whom_nobody_watched_to_the_end_is_weighed_in() -> None:
    source = np.random.default_rng(3)
    when, left = source.exponential(10, 4000), source.exponential(15, 4000)
    found = timed(np.minimum(when, left), (when <= left).astype(float), horizon=8.0)
    counted = found.weight > 0
    naive = found.label[counted].mean()
    weighed = np.average(found.label, weights=found.weight)
    truth = 1 - math.exp(-0.8)
    assert abs(weighed - truth) < 0.025 < abs(naive - truth)


def test_time_to_event_learns_the_risk_by_the_horizon(tmp_path: Path) -> None:
    source, rows = np.random.default_rng(4), []
    for _ in range(800):
        x = source.normal()
        when, left = source.exponential(10 * math.exp(-0.9 * x)), source.uniform(2, 15)
        rows.append({"x": x, "years": min(when, left), "died": int(when <= left)})
    path = write(tmp_path / "t.csv", rows)
    code, said = run("train", path, "--time", "years", "--event", "died", "--horizon", 5,
                     "--model", "logistic", "--out", tmp_path / "own")  # fmt: skip
    assert code == 0, said
    model = load(tmp_path / "own")
    truth = [1 - math.exp(-5 / (10 * math.exp(-0.9 * x))) for x in (-1, 0, 1)]
    middle = people_.People(
        columns=model.columns, values=np.array([[-1.0], [0.0], [1.0]]), ids=("",) * 3,
        rows=(0, 1, 2),
    )  # fmt: skip
    assert np.allclose(model.probability(middle), truth, atol=0.08)


def test_figures_are_those_of_the_textbook() -> None:
    probability = np.array([0.1, 0.4, 0.35, 0.8])
    label = np.array([0.0, 0.0, 1.0, 1.0])
    figures = measures.Ranked(probability, label).figures(np.ones(4))
    assert figures["auroc"] == pytest.approx(0.75)
    assert figures["auprc"] == pytest.approx(0.8333333)
    assert figures["brier"] == pytest.approx(0.1581250)
    tied = measures.Ranked(np.array([0.5, 0.5]), np.array([0.0, 1.0])).figures(np.ones(2))
    assert tied["auroc"] == pytest.approx(0.5)
    benefit, everybody = measures.Ranked(probability, label).benefit(np.ones(4), 0.2)
    assert benefit == pytest.approx((2 - 1 * 0.25) / 4)
    assert everybody == pytest.approx(0.5 - 0.5 * 0.25)


@pytest.mark.parametrize("kind", ["platt", "isotonic"])
def test_calibration_mends_probabilities_that_are_too_bold(kind: str) -> None:
    source = np.random.default_rng(5)
    truth = source.normal(-1, 1, 6000)
    label = (source.random(6000) < calibrate.expit(truth)).astype(float)
    bold = calibrate.expit(2 * truth + 1)
    mended = calibrate.fit(kind, bold[:3000], label[:3000], np.ones(3000))(bold[3000:])
    before = measures.judge(bold[3000:], label[3000:], np.ones(3000), seed=0, resamples=20)
    after = measures.judge(mended, label[3000:], np.ones(3000), seed=0, resamples=20)
    assert before.figures["slope"].value < 0.6
    assert 0.85 < after.figures["slope"].value < 1.15
    assert mended.min() > 0 and mended.max() < 1
    assert after.figures["brier"].value < before.figures["brier"].value


def test_a_group_for_whom_the_model_is_worse_is_flagged(tmp_path: Path) -> None:
    source = np.random.default_rng(6)
    x = source.normal(0, 1.5, 3000)
    sex = source.choice(["f", "m"], 3000)
    real = np.where(sex == "f", x, source.normal(0, 1.5, 3000))  # of men it knows nothing
    label = (source.random(3000) < calibrate.expit(real)).astype(float)
    path = write(tmp_path / "t.csv", [{"sex": s, "x": v} for s, v in zip(sex, x, strict=True)])
    table = raw.read([path])
    people = people_.people(table, people_.kinds(table, Roles())[0], Roles())
    groups = by_group(table, people, calibrate.expit(x), label, np.ones(3000), ["sex"], seed=0)
    women, men = groups
    assert not any(flag.startswith("AUROC") for flag in women.flags)
    assert any(flag.startswith("AUROC lower than in the rest") for flag in men.flags)


def test_a_number_is_cut_and_unknown_is_a_group_of_its_own(tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"age": age, "x": n % 3} for n, age in enumerate((*range(30, 80), ""))
    ]
    table = raw.read([write(tmp_path / "t.csv", rows)])
    people = people_.people(table, people_.kinds(table, Roles())[0], Roles())
    assert list(parts(table, people, "age_band")) == [
        "below 40", "40 to below 50", "50 to below 60", "60 to below 70", "70 and over", "not known"
    ]  # fmt: skip
    (tmp_path / "u.csv").write_text("male,x\n1,-9\n1.0,2\n0,-9.0\n0.0,3\n", "utf-8")
    mixed = raw.read([tmp_path / "u.csv"])
    found = people_.people(mixed, people_.kinds(mixed, Roles())[0], Roles())
    assert {name: len(some) for name, some in parts(mixed, found, "male").items()} == {
        "0": 2, "1": 2
    }  # fmt: skip
    assert people_.cells_of(mixed, "x", Roles(missing=("-9",))) == ["", "2", "", "3"]
    with pytest.raises(SheetError, match="The column colour is missing"):
        parts(table, people, "colour")


def test_drift_is_seen_where_people_changed_and_not_where_they_did_not(tmp_path: Path) -> None:
    _, before, _ = opened(write(tmp_path / "a.csv", made_up(2000)), ILL)
    _, same, _ = opened(write(tmp_path / "b.csv", made_up(500, seed=1)), ILL)
    older = [{**row, "age": float(row["age"]) + 12} for row in made_up(500, seed=2)]  # type: ignore[arg-type]
    _, changed, _ = opened(write(tmp_path / "c.csv", older), ILL)
    known = drift.summary(before)
    index, chance = drift.drifted(known, same)["age"]
    assert index < 2 * chance
    index, chance = drift.drifted(known, changed)["age"]
    assert index > 0.25 > chance


def test_a_published_model_is_left_alone_where_it_fits_and_moved_where_it_does_not(
    tmp_path: Path,
) -> None:
    source = np.random.default_rng(8)
    rows: list[dict[str, object]] = [
        {
            "id": n, "model": "base", "horizon": 10, "sex": source.choice(["male", "female"]),
            "age": int(source.integers(40, 74)), "total_c": 200, "hdl_c": 50,
            "sbp": int(source.integers(100, 175)), "dm": int(source.integers(0, 2)), "smoking": 0,
            "bmi": 27, "egfr": 90, "bp_tx": 0, "statin": 0, "hba1c": "", "uacr": "",
            "sdi_decile": "",
        }
        for n in range(900)
    ]  # fmt: skip
    table = write(tmp_path / "t.csv", rows)
    code, said = run("score", "prevent_2023", "--input", table, "--output", tmp_path / "s.csv")
    assert code == 0, said
    with (tmp_path / "s.csv").open() as lines:
        scored = list(csv.DictReader(lines))
    published = np.array([float(one["total_cvd"]) for one in scored])
    for name, log_odds in (("fits", 0.0), ("twice", 1.1)):
        p = calibrate.expit(calibrate.logit(published) + log_odds)
        for row, chance in zip(rows, p, strict=True):
            row["happened"] = int(source.random() < chance)
        write(tmp_path / f"{name}.csv", rows)
        code, said = run("recalibrate", "prevent_2023", tmp_path / f"{name}.csv",
                         "--target", "happened", "--out", tmp_path / name)  # fmt: skip
        assert code == 0, said
    fits, twice = (folder.described(tmp_path / name) for name in ("fits", "twice"))
    assert fits["way"] == "as published"
    assert twice["way"] != "as published"
    report = json.loads((tmp_path / "twice" / "report.json").read_text())["ways"]
    assert report["as published"]["observed_over_expected"][0] > 1.5
    assert 0.9 < report[twice["way"]]["observed_over_expected"][0] < 1.1
    code, said = run("predict", tmp_path / "twice", "--input", table)
    first = next(csv.DictReader(io.StringIO(said)))
    assert float(first["probability"]) > published[0]


def _judged_alike(both: bool) -> tuple[people_.People, Outcome]:
    """Two numbers: either their product tells, which no line can follow, or their sum."""
    source = np.random.default_rng(11)
    values = source.normal(size=(1500, 2))
    log_odds = 3 * values[:, 0] * values[:, 1] if both else values.sum(axis=1)
    label = (source.random(1500) < calibrate.expit(log_odds)).astype(float)
    columns = tuple(people_.Column(name=n, kind="number", low=-4, high=4) for n in "ab")
    ids = tuple(str(n) for n in range(1500))
    people = people_.People(columns=columns, values=values, ids=ids, rows=tuple(range(1500)))
    return people, Outcome(label=label, weight=np.ones(1500))


@pytest.mark.parametrize(("both", "kind"), [(True, "transformer"), (False, "logistic")])
def test_the_transformer_is_taken_only_where_it_is_better(both: bool, kind: str) -> None:
    from risk.learn.choose import _chosen

    people, happened = _judged_alike(both)
    assert _chosen(people, happened, "auto", 0, lambda _: None).candidate.kind == kind
