"""A few citations in PubMed's shape, written for the tests; none of them exists."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from knowledge import intake
from knowledge.literature import FILE
from knowledge.store import Store

_ONE = """<PubmedArticle><MedlineCitation><PMID Version="1">{pmid}</PMID><Article>
<Journal><JournalIssue><PubDate><Year>{year}</Year></PubDate></JournalIssue><Title>{journal}</Title></Journal>
<ArticleTitle>{title}</ArticleTitle><Abstract>{abstract}</Abstract>
<PublicationTypeList><PublicationType>{kind}</PublicationType></PublicationTypeList>
</Article><MeshHeadingList>{headings}</MeshHeadingList></MedlineCitation></PubmedArticle>"""

CITATIONS = (
    ("101", 2019, "Rhythm Letters", "Apixaban in people with atrial fibrillation and dizziness.",
     [("BACKGROUND", "Dizziness is common in later life."),
      ("CONCLUSIONS", "Falls did not outweigh the benefit of it in atrial fibrillation.")],
     "Randomized Controlled Trial", ("Atrial Fibrillation", "Anticoagulants")),
    ("102", 2021, "Journal of Made-up Hearts", "Warfarin after a fall: a cohort study.",
     [("RESULTS", "People with atrial fibrillation bled less than was feared.")],
     "Journal Article", ("Accidental Falls", "Warfarin")),
    ("103", 2011, "Kidney Notes", "Diet in chronic kidney disease.",
     [("", "Potassium was counted for a year.")], "Review", ("Diet",)),
    ("104", 2022, "Rhythm Letters", "RETRACTED: Atrial fibrillation and dizziness cured by tea.",
     [("", "Dizziness went away in atrial fibrillation.")], "Retracted Publication", ()),
    ("105", 2015, "Gout Today", "Colchicine for acute gout.",
     [("", "Pain fell within a day.")], "Journal Article", ("Gout",)),
)  # fmt: skip


def written(folder: Path, citations: object = CITATIONS) -> Path:
    """The file that PubMed would hand out."""
    parts = []
    for pmid, year, journal, title, abstract, kind, headings in citations:  # type: ignore[attr-defined]
        texts = "".join(
            f'<AbstractText Label="{label}">{text}</AbstractText>' if label
            else f"<AbstractText>{text}</AbstractText>"
            for label, text in abstract
        )  # fmt: skip
        mesh = "".join(
            f"<MeshHeading><DescriptorName>{one}</DescriptorName></MeshHeading>" for one in headings
        )
        parts.append(
            _ONE.format(
                pmid=pmid, year=year, journal=journal, title=title, abstract=texts, kind=kind,
                headings=mesh,
            )
        )  # fmt: skip
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "pubmed.xml"
    file.write_text(f"<PubmedArticleSet>{''.join(parts)}</PubmedArticleSet>", "utf-8")
    return file


def imported(folder: Path, citations: object = CITATIONS) -> Path:
    """The data folder's database with the citations in it."""
    store = Store(folder / FILE)
    intake.run(
        store, "pubmed", written(folder / "pubmed", citations), now=lambda: datetime.now(UTC)
    )
    store.close()
    return folder / FILE
