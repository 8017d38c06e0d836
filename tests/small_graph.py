"""A small graph in files, for tests: a few medicines, conditions and symptoms."""
# ruff: noqa: E501 (a line of a table is a line)

from __future__ import annotations

from pathlib import Path

from knowledge.graph_files import CONCEPT_FILES

EDGE = "from\trelation\tto\tstrength\tsources\tnote_en\tnote_zh"
PAIR = "a\tb\tseverity\teffect_en\teffect_zh\twatch_en\twatch_zh\tsources"
SOURCES = '[book]\norganisation = "A body"\ntitle = "A book"\nyear = 2024\nevidence = "recalled"\n'

LINES: dict[str, list[str]] = {
    "body_systems.tsv": ["heart\theart and vessels\t心血管"],
    "conditions.tsv": [
        "gastritis\tgastritis\t胃炎\t\t\t\t\tcommon\t\tbook",
        "gout\tgout\t痛风\t\t\t\t\tcommon\t\tbook",
        "heart_failure\theart failure\t心力衰竭\tweak heart\t心衰; 心脏没力\theart\t\tcommon\tyes\tbook",
        "heart_failure_weak_pump\theart failure with a weak pump\t射血分数降低的心衰\t\t\theart"
        "\theart_failure\tcommon\t\tbook",
        "hypertension\thypertension\t高血压\thigh blood pressure\t血压高\theart\t\tvery_common\t\tbook",
        "ovarian_cyst\tovarian cyst\t卵巢囊肿\t\t\t\t\tcommon\t\tbook",
    ],
    "symptoms.tsv": [
        "ankle_swelling\tankle swelling\t脚踝肿\tswollen ankles; puffy feet\t脚肿; 腿肿\theart\tbook",
        "big_toe_pain\tpain in the big toe\t大脚趾痛\tmy big toe hurts\t大脚趾疼\t\tbook",
        "breathlessness\tbreathlessness\t呼吸困难\tshort of breath; cant breathe\t喘不上气; 气短\theart\tbook",
        "nausea\tnausea\t恶心\tfeeling sick\t想吐\t\tbook",
        "stomach_ache\tstomach ache\t胃痛\ttummy ache\t肚子疼\t\tbook",
    ],
    "tests.tsv": ["potassium\tpotassium\t血钾\t\t\tmmol/L\tbook"],
    "foods.tsv": ["grapefruit\tgrapefruit\t西柚\tpomelo\t葡萄柚; 柚子\tbook"],
    "risk_factors.tsv": [
        "female_sex\tfemale sex\t女性\t\t\tbook",
        "smoking\tsmoking\t吸烟\ti smoke\t抽烟\tbook",
    ],
    "medicine_classes.tsv": [
        "anticoagulants\tanticoagulants\t抗凝药\tblood thinners\t血液稀释剂\t\tbook",
        "beta_blockers\tbeta blockers\tβ受体阻滞剂\t\t倍他阻滞剂\t\tbook",
        "nsaids\tNSAIDs\t非甾体抗炎药\tanti-inflammatories\t消炎止痛药\tpainkillers\tbook",
        "painkillers\tpainkillers\t止痛药\t\t\t\tbook",
    ],
    "medicines.tsv": [
        "apixaban\tapixaban\t阿哌沙班\tanticoagulants\tEliquis\t艾乐妥\t\t\tbook",
        "ibuprofen\tibuprofen\t布洛芬\tnsaids\tNurofen; Advil\t芬必得\t\t\tbook",
        "metoprolol\tmetoprolol\t美托洛尔\tbeta_blockers\tBetaloc\t倍他乐克\t\t\tbook",
        "naproxen\tnaproxen\t萘普生\tnsaids\tAleve\t\t\t\tbook",
        "warfarin\twarfarin\t华法林\tanticoagulants\tCoumadin\t\t\t苄丙酮香豆素\tbook",
    ],
    "edges/all.tsv": [
        "gastritis\thas_symptom\tnausea\tcommon\tbook\t\t",
        "gastritis\thas_symptom\tstomach_ache\tdefining\tbook\t\t",
        "gout\thas_symptom\tbig_toe_pain\tdefining\tbook\t\t",
        "heart_failure\thas_symptom\tankle_swelling\tcommon\tbook\t\t",
        "heart_failure\thas_symptom\tbreathlessness\tdefining\tbook\t\t",
        "heart_failure\thas_symptom\tnausea\trare\tbook\t\t",
        "ovarian_cyst\thas_symptom\tnausea\tsometimes\tbook\t\t",
        "female_sex\trisk_factor_of\tovarian_cyst\trequired\tbook\t\t",
        "hypertension\tleads_to\theart_failure\tcommon\tbook\t\t",
        "heart_failure\ttested_by\tpotassium\t\tbook\t\t",
        "nsaids\tcontraindicated_in\theart_failure\tcaution\tbook\tkeeps salt back\t会潴留水钠",
        "painkillers\tside_effect\tnausea\tsometimes\tbook\t\t",
        "ibuprofen\tside_effect\tnausea\tcommon\tbook\t\t",
    ],
    "interactions.tsv": [
        "anticoagulants\tnsaids\tmajor\tbleeding\t出血\tbruises\t瘀斑\tbook",
        "apixaban\tgrapefruit\tminor\tmore of it\t浓度升高\tbleeding\t出血\tbook",
        "nsaids\tnsaids\tmoderate\tstomach bleeding\t胃出血\tblack stools\t黑便\tbook",
        "ibuprofen\twarfarin\tcontraindicated\tbad bleeding\t大出血\tbruises\t瘀斑\tbook",
    ],
}


def write(folder: Path, **changed: list[str]) -> Path:
    """Write the small graph; ``changed`` replaces files (medicines_tsv, edges_all_tsv …)."""
    (folder / "edges").mkdir(parents=True, exist_ok=True)
    (folder / "sources.toml").write_text(SOURCES, "utf-8")
    headers = {name: "\t".join(header) for name, (_, header) in CONCEPT_FILES.items()}
    headers |= {"edges/all.tsv": EDGE, "interactions.tsv": PAIR}
    for name, lines in LINES.items():
        lines = changed.get(name.replace("/", "_").replace(".", "_"), lines)
        (folder / name).write_text("\n".join([headers[name], *lines]) + "\n", "utf-8")
    return folder
