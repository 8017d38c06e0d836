"""PubMed: citations with their abstracts, as the baseline and update files hold them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element

from knowledge.imports.records import BadRecord, Entry, Record, Told
from knowledge.imports.xml_stream import all_text, elements

ENDINGS = (".xml",)
_WANTED = frozenset({"PubmedArticle", "DeleteCitation"})
_AUTHORS = 6  #: named of an article; the others are "et al."


def read(paths: Sequence[Path], told: Told) -> Iterator[Entry]:
    """A record for each citation, in order; a later version replaces an earlier one."""
    for file in paths:
        for element, line in elements(file, _WANTED, told):
            if element.tag == "DeleteCitation":
                for one in element.iter("PMID"):
                    yield Record(id=all_text(one), kind="article", title="", gone=True)
                continue
            pmid, article = element.find(".//PMID"), element.find(".//Article")
            id_ = all_text(pmid)
            title = all_text(article.find("ArticleTitle")) if article is not None else ""
            if not id_ or article is None:
                why = "the PubmedArticle needs a PMID and an Article"
                raise BadRecord(file, line, id_ or title, why)
            yield Record(
                id=id_,
                kind="article",
                title=title or all_text(article.find("VernacularTitle")) or f"PMID {id_}",
                text="\n".join(_abstract(article)),
                url=f"https://pubmed.ncbi.nlm.nih.gov/{id_}/",
                names=tuple(all_text(one) for one in element.iter("DescriptorName")),
                data={
                    "journal": all_text(article.find("Journal/Title")),
                    "year": _year(article),
                    "authors": _authors(article),
                    "types": "; ".join(all_text(one) for one in article.iter("PublicationType")),
                },
            )


def _abstract(article: Element) -> Iterator[str]:
    for part in article.findall("Abstract/AbstractText"):
        text, label = all_text(part), part.get("Label", "").capitalize()
        if text:
            yield f"{label}: {text}" if label else text


def _year(article: Element) -> str:
    date = article.find("Journal/JournalIssue/PubDate")
    return (all_text(date.find("Year")) or all_text(date)[:4]) if date is not None else ""


def _authors(article: Element) -> str:
    found = [
        f"{all_text(one.find('LastName'))} {all_text(one.find('Initials'))}".strip()
        or all_text(one.find("CollectiveName"))
        for one in article.findall("AuthorList/Author")
    ]
    return ", ".join(found[:_AUTHORS]) + (" et al." if len(found) > _AUTHORS else "")
