"""What patients write about their measurements, and what only looks like a measurement."""

from __future__ import annotations

import re

import pytest

from safety.readings import Reading, read_vitals
from safety.units import words


def _language(text: str) -> str:
    return "zh" if re.search("[一-龥]", text) else "en"


def _read(text: str) -> tuple[Reading, ...]:
    return read_vitals(text, language=_language(text))


def _short(text: str) -> list[tuple[str, float] | tuple[str, float, float]]:
    return [
        (r.code, r.value) if r.diastolic is None else (r.code, r.value, r.diastolic)
        for r in _read(text)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "132/84", "BP 132/84", "bp 132 84", "bp132/84", "132 over 84", "132 ovr 84",
        "132比84", "高压132低压84",
        "收缩压132，舒张压84", "血压 132/84", "血压132 84", "血压１３２／８４", "血壓 132/84",
        "一百三十二 八十四", "血压一百三十二，八十四", "BP 17.6/11.2 kPa",
        "systolic 132 diastolic 84",
        "BP on 12/5 was 132/84", "my blood pressure this morning at 8:30 was 132/84",
    ],
)  # fmt: skip
def test_a_blood_pressure_is_read_in_every_way_it_is_written(text: str) -> None:
    [reading] = _read(text)
    assert (reading.code, reading.value, reading.diastolic) == ("blood_pressure", 132, 84)
    assert reading.certain and not reading.implausible and reading.unit == "mmHg"


@pytest.mark.parametrize(
    ("text", "code", "value"),
    [
        ("血糖6.5", "glucose", 6.5), ("空腹血糖 6.5", "glucose", 6.5),
        ("血糖六点五", "glucose", 6.5),
        ("血糖6点5", "glucose", 6.5), ("餐后两小时血糖8.9", "glucose", 8.9),
        ("早上六点测的血糖是6.5", "glucose", 6.5), ("sugar 118", "glucose", 6.56),
        ("glucose 118 mg/dl", "glucose", 6.56), ("sugar 2 hours after lunch 8.9", "glucose", 8.9),
        ("血糖降到2.8", "glucose", 2.8), ("my meter says HI", "glucose", 33.3),
        ("血糖仪显示LO", "glucose", 1.1), ("weight 70.2 kg", "weight", 70.2),
        ("体重70.2公斤", "weight", 70.2), ("体重140斤", "weight", 70.0), ("154 lb", "weight", 69.9),
        ("11 stone 4", "weight", 71.7), ("I weigh 11st 4lb", "weight", 71.7),
        ("temp 38.5", "temperature", 38.5), ("101.2F", "temperature", 38.4),
        ("38度5", "temperature", 38.5), ("三十八度五", "temperature", 38.5),
        ("体温三十八度二", "temperature", 38.2), ("體溫38.5℃", "temperature", 38.5),
        ("发烧39度", "temperature", 39.0), ("spo2 91", "spo2", 91), ("oxygen 91%", "spo2", 91),
        ("血氧91", "spo2", 91), ("91% oxygen", "spo2", 91), ("pulse 76", "heart_rate", 76),
        ("心率76", "heart_rate", 76), ("心跳一分钟120下", "heart_rate", 120),
        ("呼吸 26次/分", "respiratory_rate", 26), ("A1c 7.2", "hba1c", 7.2),
        ("HbA1c 55", "hba1c", 7.2), ("糖化血红蛋白7.2", "hba1c", 7.2),
        ("cholesterol 5.2", "total_cholesterol", 5.2), ("胆固醇5.2", "total_cholesterol", 5.2),
        ("total cholesterol 200 mg/dl", "total_cholesterol", 5.17), ("血钾 6.1", "potassium", 6.1),
        ("INR 3.2", "inr", 3.2), ("ketones 1.6", "ketones", 1.6), ("血酮3.2", "ketones", 3.2),
        ("eGFR 45", "egfr", 45), ("peak flow 280", "peak_flow", 280), ("身高1米72", "height", 172),
        ("身高一米七二", "height", 172), ("I am 5'6\" tall", "height", 168),
        ("pain 7/10", "pain_score", 7), ("10/10 pain", "pain_score", 10),
        ("疼痛7分", "pain_score", 7),
    ],
)  # fmt: skip
def test_a_measurement_is_read_in_its_canonical_unit(text: str, code: str, value: float) -> None:
    [reading] = _read(text)
    assert (reading.code, reading.value) == (code, value)
    assert reading.certain


@pytest.mark.parametrize(
    "text",
    [
        "12/5", "2026/11/23", "my appointment is at 8:30", "I am 70 years old", "我70岁", "118",
        "metformin 500 mg", "take 1/2 tablet", "call me on 555-0132 or 13812345678", "24/7",
        "我每天吃二甲双胍500毫克", "I took 10 units of insulin", "10/10", "my sugar is high",
        "my weight loss group has 70 people", "I lost 3 kg this month", "瘦了3斤",
        "my target is 130/80", "目标血压130/80", "血压控制在140/90以下", "my goal weight is 70 kg",
        "oxygen 2 litres", "sugar 2 spoons in my tea", "今天38度，外面很热", "it's 40C outside",
        "advair 250/50", "insulin mix 70/30", "买了50斤大米", "近视300度", "call 120", "拨打120",
        "remind me to check my blood pressure at 8 and 20", "每天8点测血压", "LDL 2.6", "BMI 27.3",
        "hi, how are you", "高血压3级", "my blood pressure is fine and I ate 3 apples", "",
    ],
)  # fmt: skip
def test_what_only_looks_like_a_measurement_is_left_alone(text: str) -> None:
    assert _read(text) == ()


def test_several_readings_of_one_message_are_kept_apart() -> None:
    assert _short("BP 132/84 mmHg HR: 76 SpO2: 97% Temp: 36.8 RR 16, sugar 6.5 and 7.8") == [
        ("blood_pressure", 132, 84),
        ("heart_rate", 76),
        ("spo2", 97),
        ("temperature", 36.8),
        ("respiratory_rate", 16),
        ("glucose", 6.5),
        ("glucose", 7.8),
    ]
    assert _short("今天早上空腹血糖6.5，血压132/84，心率76，体重70.2公斤") == [
        ("glucose", 6.5),
        ("blood_pressure", 132, 84),
        ("heart_rate", 76),
        ("weight", 70.2),
    ]


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("血糖 38", {38.0, 2.11}),
        ("weight 140", {140.0, 63.5}),
        ("体重140", {140.0, 70.0}),
        ("sugar 30", {30.0, 1.67}),
    ],
)
def test_a_value_that_fits_two_units_is_asked_about(text: str, values: set[float]) -> None:
    [reading] = _read(text)
    assert {value for value, _ in reading.alternatives} == values
    assert not reading.certain


@pytest.mark.parametrize("text", ["temp 45", "spo2 9", "BP 84/132", "心率 760"])
def test_a_slip_of_the_finger_is_marked(text: str) -> None:
    [reading] = _read(text)
    assert reading.implausible and not reading.certain


@pytest.mark.parametrize(
    "text", ["my husband's blood pressure is 190/120", "我妈血压190/120", "BP 160", "血压一百六",
             "if it goes above 180/120 what do I do", "my sugar has gone crazy, 2.4 just now"]
)  # fmt: skip
def test_another_persons_or_a_half_said_value_is_not_certain(text: str) -> None:
    assert [reading.certain for reading in _read(text)] == [False]


def test_the_span_holds_the_words_as_the_patient_wrote_them() -> None:
    text = "Hello! 我的血壓是１３２／８４ thanks"
    [reading] = read_vitals(text, language="zh")
    assert text[reading.start : reading.end] == reading.said == "１３２／８４"


def test_the_written_value_and_unit_are_kept() -> None:
    [reading] = _read("glucose 118 mg/dl")
    assert (reading.original_value, reading.original_unit) == (118, "mg/dL")


@pytest.mark.parametrize(
    "piece", ["1", "132/84 ", "血压一百", "1 ", "7/", "+1 ", "度5", "HI meter ", "百百点"]
)
def test_a_very_long_message_of_numbers_is_survived(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    readings = read_vitals(text, language="zh")
    assert all(0 <= reading.start < reading.end <= len(text) for reading in readings)


def test_every_quantity_names_its_source_and_no_label_belongs_to_two() -> None:
    quantities = words().quantities.values()
    labels = [label for quantity in quantities for label in quantity.labels]
    assert len(labels) == len(set(labels))
    assert {"blood_pressure", "glucose", "spo2", "temperature", "weight"} <= set(words().quantities)
