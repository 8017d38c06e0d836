"""The graph knows the clashes every textbook warns of, and leaves harmless neighbours alone."""
# ruff: noqa: E501 (a line of a list is a line)

from __future__ import annotations

import re
from collections import Counter

import pytest

from knowledge.graph import graph
from knowledge.graph_model import Interaction
from safety.review import ReviewContext, review

MUST_BE_FOUND = """
phenelzine + fluoxetine; phenelzine + pethidine; tranylcypromine + pseudoephedrine; moclobemide + clomipramine
selegiline + venlafaxine; rasagiline + dextromethorphan; linezolid + sertraline; methylene blue + paroxetine
tranylcypromine + procarbazine; phenelzine + sumatriptan; isocarboxazid + dextroamphetamine; phenelzine + tyramine-rich foods
phenelzine + levodopa; tramadol + sertraline; St John's wort + citalopram; fentanyl + fluoxetine; lithium + fluoxetine
simvastatin + clarithromycin; lovastatin + itraconazole; simvastatin + ciclosporin; atorvastatin + ritonavir; simvastatin + gemfibrozil
rosuvastatin + cyclosporine; simvastatin + amlodipine; simvastatin + amiodarone; simvastatin + grapefruit; colchicine + clarithromycin
ergotamine + clarithromycin; dihydroergotamine + ritonavir; ergotamine + sumatriptan; eletriptan + ketoconazole; rizatriptan + propranolol
triazolam + ketoconazole; midazolam + ritonavir; alfuzosin + itraconazole; eplerenone + clarithromycin; ivabradine + diltiazem
ranolazine + ketoconazole; ticagrelor + clarithromycin; quetiapine + erythromycin; lurasidone + voriconazole; domperidone + fluconazole
pimozide + clarithromycin; cisapride + erythromycin; tolvaptan + ketoconazole; irinotecan + ketoconazole; fentanyl + ritonavir
tacrolimus + fluconazole; sirolimus + voriconazole; ciclosporin + diltiazem; tacrolimus + grapefruit; rivaroxaban + ketoconazole
dabigatran + dronedarone; apixaban + rifampin; warfarin + rifampicin; ethinylestradiol + carbamazepine; levonorgestrel + phenytoin
darunavir + rifampicin; voriconazole + carbamazepine; sofosbuvir + amiodarone; dolutegravir + calcium carbonate; bictegravir + rifampicin
atazanavir + omeprazole; rilpivirine + pantoprazole; nelfinavir + omeprazole; clopidogrel + omeprazole; erlotinib + esomeprazole
tizanidine + fluvoxamine; tizanidine + ciprofloxacin; ramelteon + fluvoxamine; theophylline + ciprofloxacin; clozapine + fluvoxamine
azathioprine + allopurinol; mercaptopurine + febuxostat; methotrexate + trimethoprim; methotrexate + ibuprofen; methotrexate + omeprazole
warfarin + metronidazole; warfarin + co-trimoxazole; warfarin + fluconazole; warfarin + amiodarone; warfarin + ibuprofen
warfarin + aspirin; warfarin + sertraline; warfarin + miconazole; warfarin + fenofibrate; warfarin + tramadol; warfarin + acetaminophen
warfarin + danshen; warfarin + ginkgo; warfarin + levothyroxine; warfarin + capecitabine; apixaban + naproxen; aspirin + ibuprofen
digoxin + amiodarone; digoxin + verapamil; digoxin + clarithromycin; digoxin + furosemide; lithium + lisinopril; lithium + ibuprofen
lithium + hydrochlorothiazide; lisinopril + spironolactone; ramipril + potassium chloride; losartan + trimethoprim; enalapril + losartan
enalapril + sacubitril; valsartan + aliskiren; ramipril + ibuprofen; furosemide + naproxen; enalapril + salt substitute
sildenafil + glyceryl trinitrate; tadalafil + isosorbide mononitrate; riociguat + sildenafil; sildenafil + doxazosin
bisoprolol + verapamil; metoprolol + diltiazem; clonidine + propranolol; propranolol + salbutamol; timolol + verapamil
repaglinide + gemfibrozil; glibenclamide + co-trimoxazole; insulin glargine + propranolol; gliclazide + ciprofloxacin; gliclazide + miconazole
morphine + diazepam; oxycodone + pregabalin; diazepam + alcohol; tramadol + carbamazepine; naltrexone + codeine
valproate + meropenem; valproate + lamotrigine; carbamazepine + erythromycin; phenytoin + fluconazole; carbamazepine + phenelzine
tamoxifen + paroxetine; metronidazole + alcohol; disulfiram + alcohol; cefoperazone + alcohol; doxycycline + ferrous sulfate
ciprofloxacin + calcium carbonate; levothyroxine + ferrous sulfate; alendronic acid + calcium carbonate; isotretinoin + doxycycline
amiodarone + sotalol; haloperidol + methadone; citalopram + ondansetron; moxifloxacin + amiodarone; thioridazine + fluoxetine
dofetilide + verapamil; metformin + contrast dye; empagliflozin + furosemide; pioglitazone + insulin; ciprofloxacin + prednisolone
clozapine + carbamazepine; gentamicin + furosemide; levodopa + metoclopramide; bosentan + glibenclamide; bosentan + ciclosporin
codeine + fluoxetine; methadone + fluconazole; sildenafil + ritonavir; fluticasone + ritonavir; everolimus + ketoconazole
"""

MAOI = "phenelzine, tranylcypromine, isocarboxazid, moclobemide, selegiline, rasagiline, procarbazine, linezolid, methylene blue"
STRONG_3A4 = "clarithromycin, telithromycin, ketoconazole, itraconazole, posaconazole, voriconazole, ritonavir, indinavir, nelfinavir, saquinavir, atazanavir, darunavir, fosamprenavir, lopinavir, cobicistat, nefazodone, conivaptan"
NEVER_TOGETHER = {
    "MAOI and serotonin": (
        MAOI,
        "citalopram, fluoxetine, paroxetine, sertraline, venlafaxine, duloxetine, amitriptyline, clomipramine, imipramine, trazodone, bupropion",
    ),
    "MAOI and stimulants": (
        MAOI,
        "amphetamine, dextroamphetamine, lisdexamfetamine, methylphenidate, phentermine, atomoxetine, pseudoephedrine, ephedrine, phenylephrine",
    ),
    "MAOI and opioids": (
        MAOI,
        "meperidine, tramadol, tapentadol, methadone, fentanyl, dextromethorphan, oxycodone, morphine",
    ),
    "MAOI and triptans": (MAOI, "sumatriptan, rizatriptan, zolmitriptan, eletriptan, naratriptan"),
    "strong 3A4 and victims": (
        STRONG_3A4,
        "simvastatin, lovastatin, ergotamine, dihydroergotamine, methylergonovine, irinotecan, triazolam, midazolam, pimozide, cisapride, colchicine, ranolazine, eplerenone, ivabradine, ticagrelor, quetiapine, tacrolimus, sirolimus, fentanyl, rivaroxaban, alfuzosin, tolvaptan, sildenafil",
    ),
    "rhythm": (
        "amiodarone, sotalol, dofetilide, quinidine, disopyramide, haloperidol, thioridazine, pimozide, methadone, erythromycin",
        "citalopram, domperidone, moxifloxacin, clarithromycin, ondansetron, chlorpromazine, droperidol, chloroquine, pentamidine, ziprasidone, arsenic trioxide",
    ),
    "inducers and what they undo": (
        "rifampicin, carbamazepine, phenytoin, phenobarbital, St John's wort",
        "ethinylestradiol, rivaroxaban, apixaban, dabigatran, warfarin, darunavir, bictegravir, sofosbuvir, ciclosporin, tacrolimus, voriconazole, imatinib",
    ),
    "acid and antivirals": (
        "omeprazole, esomeprazole, lansoprazole, pantoprazole, rabeprazole",
        "atazanavir, rilpivirine, nelfinavir",
    ),
    "tizanidine": (
        "tizanidine",
        "fluvoxamine, ciprofloxacin, zileuton, mexiletine, propafenone, verapamil, cimetidine, famotidine, acyclovir",
    ),
    "thiopurines": ("azathioprine, mercaptopurine", "allopurinol, febuxostat"),
    "nitrates": (
        "glyceryl trinitrate, isosorbide mononitrate, isosorbide dinitrate, nicorandil",
        "sildenafil, tadalafil, vardenafil, avanafil, riociguat",
    ),
    "breathing": (
        "morphine, oxycodone, fentanyl, methadone, codeine",
        "diazepam, alprazolam, zolpidem, gabapentin, pregabalin, alcohol, phenobarbital",
    ),
    "potassium": (
        "spironolactone, eplerenone, amiloride, lisinopril, losartan",
        "potassium chloride, trimethoprim, salt substitute, ciclosporin",
    ),
}

MUST_NOT_BE_FOUND = """
paracetamol + amlodipine; paracetamol + metformin; paracetamol + omeprazole; amoxicillin + amlodipine; amoxicillin + metformin
loratadine + metformin; cetirizine + amlodipine; folic acid + amlodipine; folic acid + metformin; lactulose + amlodipine
atorvastatin + metformin; atorvastatin + lisinopril; rosuvastatin + amlodipine; levothyroxine + amlodipine; levothyroxine + lisinopril
omeprazole + amlodipine; omeprazole + metformin; pantoprazole + bisoprolol; amlodipine + metformin; amlodipine + empagliflozin
azithromycin + atorvastatin; azithromycin + triazolam; pravastatin + amlodipine; pravastatin + metformin; apixaban + amlodipine
pantoprazole + metformin; montelukast + amlodipine; tiotropium + amlodipine; finasteride + lisinopril; clopidogrel + amlodipine
vitamin D + metformin; salbutamol + amoxicillin; insulin glargine + amlodipine; sitagliptin + amlodipine; acarbose + amlodipine
macrogol + bisoprolol; latanoprost + metformin; donepezil + metformin; allopurinol + amlodipine; febuxostat + amlodipine
paracetamol + ibuprofen; paracetamol + codeine; amoxicillin + ibuprofen; loratadine + paracetamol; cefuroxime + paracetamol
levetiracetam + amlodipine; gabapentin + paracetamol; warfarin + amlodipine; apixaban + paracetamol; metformin + grapefruit
"""


def pairs(text: str) -> list[tuple[str, str]]:
    """Every pair of a list as two names."""
    found = [piece.strip() for piece in re.split(r"[;\n]", text) if piece.strip()]
    return [(one.split(" + ")[0], one.split(" + ")[1]) for one in found]


def known(name: str) -> str:
    """The id a name surely means."""
    kinds = ("medicine", "medicine_class", "food")
    return next(match.id for match in graph().resolve(name, "en", kinds) if match.sure)


def between(one: str, two: str) -> tuple[Interaction, ...]:
    return graph().interactions(known(one), known(two))


@pytest.mark.parametrize(("one", "two"), pairs(MUST_BE_FOUND))
def test_a_clash_every_textbook_warns_of_is_found(one: str, two: str) -> None:
    assert between(one, two)


@pytest.mark.parametrize("group", NEVER_TOGETHER)
def test_each_of_one_group_clashes_with_each_of_the_other(group: str) -> None:
    left, right = ([name.strip() for name in side.split(",")] for side in NEVER_TOGETHER[group])
    harmless = [
        (one, two)
        for one in left
        for two in right
        if known(one) != known(two) and not between(one, two)
    ]
    assert harmless == []


@pytest.mark.parametrize(("one", "two"), pairs(MUST_NOT_BE_FOUND))
def test_harmless_neighbours_are_left_alone(one: str, two: str) -> None:
    assert not between(one, two)


@pytest.mark.parametrize(
    ("one", "two", "severity"),
    [
        ("sildenafil", "glyceryl trinitrate", "contraindicated"),
        ("simvastatin", "clarithromycin", "contraindicated"),
        ("enalapril", "sacubitril", "contraindicated"),
        ("phenelzine", "fluoxetine", "contraindicated"),
        ("warfarin", "metronidazole", "major"),
        ("warfarin", "paracetamol", "moderate"),
        ("clopidogrel", "omeprazole", "major"),
        ("clopidogrel", "pantoprazole", "minor"),
    ],
)
def test_the_worst_of_a_pair_is_as_bad_as_its_mechanism(one: str, two: str, severity: str) -> None:
    assert between(one, two)[0].severity == severity


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("拜新同", "nifedipine"),
        ("格华止", "metformin"),
        ("波立维", "clopidogrel"),
        ("立普妥", "atorvastatin"),
        ("代文", "valsartan"),
        ("倍他乐克", "metoprolol"),
        ("络活喜", "amlodipine"),
        ("硝苯地平控释片", "nifedipine"),
        ("阿司匹林肠溶片", "aspirin"),
        ("诺欣妥", "sacubitril_valsartan"),
        ("降压0号", "compound_reserpine_triamterene"),
        ("血塞通胶囊", "xuesaitong"),
        ("Tylenol", "paracetamol"),
        ("acetaminophen", "paracetamol"),
        ("albuterol", "salbutamol"),
        ("Lipitor", "atorvastatin"),
        ("Eliquis", "apixaban"),
        ("Entresto", "sacubitril_valsartan"),
        ("blood thinners", "antithrombotics"),
        ("water tablets", "diuretics"),
        ("他汀", "statins"),
        ("头孢", "cephalosporins"),
    ],
)
def test_brands_and_everyday_names_are_known(said: str, means: str) -> None:
    [found] = graph().resolve(said, "zh", ("medicine", "medicine_class", "food"))
    assert (found.id, found.sure) == (means, True)


def test_no_two_things_share_a_name() -> None:
    owners: Counter[str] = Counter()
    for kind in ("medicine", "medicine_class", "food"):
        for concept in graph().of_kind(kind):
            owners.update({words.casefold() for words, _, _ in concept.names()})
    assert [name for name, count in owners.items() if count > 1] == []


CHANGES = re.compile(
    r"\b(?:stop|double|halve|skip|increase|reduce|lower your)\b (?:taking|your|the dose)"
    r"|停用|停药|加量|减量|加倍|减半"
)


def test_no_word_to_the_patient_changes_a_dose() -> None:
    words = [
        said
        for one in graph().interactions_known
        for said in (one.effect_en, one.effect_zh, one.watch_en, one.watch_zh)
    ]
    assert [said for said in words if CHANGES.search(said)] == []


def test_the_review_of_drafts_lets_every_word_through_as_approved_words() -> None:
    english = {f"{one.effect_en} {one.watch_en}" for one in graph().interactions_known}
    chinese = {f"{one.effect_zh}{one.watch_zh}" for one in graph().interactions_known}
    english |= {edge.note_en for edge in graph().edges if edge.note_en}
    chinese |= {edge.note_zh for edge in graph().edges if edge.note_zh}
    held: list[str] = [
        said
        for language, words in (("en", english), ("zh", chinese))
        for said in words
        if not review(said, ReviewContext(language=language, approved=True)).allowed
    ]
    assert held == []


def test_every_interaction_sends_the_patient_to_somebody_to_ask() -> None:
    for one in graph().interactions_known:
        assert "pharmacist or nurse" in one.watch_en
        assert "药师或护士" in one.watch_zh
