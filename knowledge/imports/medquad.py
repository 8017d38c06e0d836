"""MedQuAD: questions and answers of the American health institutes, one XML file a document."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from knowledge.imports.records import BadRecord, Entry, Record, Told
from knowledge.imports.xml_stream import all_text, elements

ENDINGS = (".xml",)


def read(paths: Sequence[Path], told: Told) -> Iterator[Entry]:
    """A record for each answered question; questions whose answer is left out are passed by."""
    for file in paths:
        for document, line in elements(file, frozenset({"Document"}), told):
            id_ = document.get("id", "")
            focus = all_text(document.find("Focus"))
            if not id_ or not focus:
                raise BadRecord(file, line, id_ or focus, "the Document needs an id and a Focus")
            names = tuple(all_text(one) for one in document.iter("Synonym"))
            for pair in document.iter("QAPair"):
                question, answer = pair.find("Question"), all_text(pair.find("Answer"))
                if question is None or not all_text(question):
                    raise BadRecord(file, line, id_, "a QAPair has no Question")
                if answer:
                    yield Record(
                        id=question.get("qid") or f"{id_}-{pair.get('pid', '')}",
                        kind=question.get("qtype", "").strip() or "information",
                        title=all_text(question),
                        text=answer,
                        url=document.get("url", ""),
                        names=(focus, *names),
                        data={"source": document.get("source", "")},
                    )
