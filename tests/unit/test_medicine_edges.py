"""What is unsafe in whom, what a medicine does and what is watched stand in the graph."""
# ruff: noqa: E501 (a line of a list is a line)

from __future__ import annotations

import pytest

from knowledge.graph import graph

UNSAFE = """
ramipril pregnancy absolute; losartan pregnancy absolute; warfarin pregnancy absolute; valproate pregnancy absolute
methotrexate pregnancy absolute; isotretinoin pregnancy absolute; atorvastatin breastfeeding absolute; codeine breastfeeding absolute
propranolol asthma absolute; bisoprolol asthma caution; timolol copd absolute; verapamil heart_failure_reduced_ef absolute
ibuprofen peptic_ulcer absolute; naproxen heart_failure absolute; diclofenac chronic_kidney_disease caution; aspirin peptic_ulcer absolute
metformin kidney_failure absolute; metformin chronic_kidney_disease caution; pioglitazone heart_failure absolute; glibenclamide g6pd_deficiency caution
hydrochlorothiazide gout caution; furosemide hypokalaemia caution; spironolactone hyperkalaemia absolute; potassium_chloride hyperkalaemia absolute
amitriptyline angle_closure_glaucoma caution; oxybutynin angle_closure_glaucoma absolute; pseudoephedrine hypertension caution; sumatriptan coronary_artery_disease absolute
clarithromycin long_qt absolute; citalopram long_qt absolute; ciprofloxacin myasthenia_gravis caution; gentamicin myasthenia_gravis absolute
primaquine g6pd_deficiency absolute; nitrofurantoin g6pd_deficiency absolute; co_trimoxazole g6pd_deficiency absolute; metoclopramide parkinson_disease absolute
haloperidol lewy_body_dementia absolute; bupropion epilepsy absolute; tramadol epilepsy absolute; diazepam sleep_apnoea absolute
morphine respiratory_depression absolute; prednisolone diabetes caution; ethinylestradiol deep_vein_thrombosis absolute; estradiol breast_cancer absolute
danshen pregnancy caution; glycyrrhizin hypokalaemia absolute; compound_reserpine depression absolute; sildenafil unstable_angina absolute
rivaroxaban heart_valve_replacement absolute; enalapril angioedema absolute; alendronic_acid achalasia absolute; levothyroxine angina caution
"""


def triples(text: str) -> list[tuple[str, str, str]]:
    """Medicine, end and strength of every piece of a list."""
    pieces = [piece.split() for piece in text.replace("\n", ";").split(";") if piece.strip()]
    return [(one, two, three) for one, two, three in pieces]


@pytest.mark.parametrize(("medicine", "condition", "strength"), triples(UNSAFE))
def test_what_is_unsafe_in_a_condition_is_said(
    medicine: str, condition: str, strength: str
) -> None:
    assert graph().contraindications(medicine, [condition])[0].strength == strength


@pytest.mark.parametrize(
    ("medicine", "condition"),
    [
        ("paracetamol", "hypertension"),
        ("amlodipine", "asthma"),
        ("amlodipine", "gout"),
        ("loratadine", "hypertension"),
        ("salbutamol", "asthma"),
        ("metformin", "hypertension"),
        ("levothyroxine", "asthma"),
        ("losartan", "gout"),
        ("amoxicillin", "hypertension"),
        ("omeprazole", "peptic_ulcer"),
    ],
)
def test_what_is_no_reason_for_care_is_not_said(medicine: str, condition: str) -> None:
    assert graph().contraindications(medicine, [condition]) == ()


@pytest.mark.parametrize(
    ("medicine", "relation", "end"),
    [
        ("lisinopril", "side_effect", "dry_cough"),
        ("amlodipine", "side_effect", "ankle_swelling"),
        ("rosuvastatin", "side_effect", "muscle_pain"),
        ("metformin", "side_effect", "diarrhoea"),
        ("bisoprolol", "side_effect", "cold_hands_feet"),
        ("glyceryl_trinitrate", "side_effect", "headache"),
        ("codeine", "side_effect", "constipation"),
        ("empagliflozin", "side_effect", "genital_itch"),
        ("rifampicin", "side_effect", "discoloured_urine"),
        ("warfarin", "monitored_by", "inr"),
        ("lithium", "monitored_by", "lithium_level"),
        ("ramipril", "monitored_by", "potassium"),
        ("levothyroxine", "monitored_by", "tsh"),
        ("amiodarone", "monitored_by", "tsh"),
        ("clozapine", "monitored_by", "neutrophils"),
        ("spironolactone", "raises", "potassium"),
        ("furosemide", "lowers", "potassium"),
        ("prednisolone", "raises", "blood_glucose"),
        ("potassium_salt_substitute", "raises", "potassium"),
        ("indapamide", "raises", "uric_acid"),
        ("metformin", "treats", "type_2_diabetes"),
        ("perindopril", "treats", "hypertension"),
        ("salbutamol", "treats", "asthma"),
        ("apixaban", "treats", "atrial_fibrillation"),
    ],
)
def test_what_a_medicine_does_is_known(medicine: str, relation: str, end: str) -> None:
    assert end in {edge.end for edge in graph().edges_of(medicine, relation)}


def test_no_test_is_both_raised_and_lowered_by_one_medicine_itself() -> None:
    both = [
        (edge.start, edge.end)
        for edge in graph().edges
        if edge.relation == "raises" and graph().edge(edge.start, "lowers", edge.end)
    ]
    assert sorted(both) == [("fluoroquinolones", "blood_glucose")]
