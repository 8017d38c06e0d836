"""MedlinePlus: health topics in English and Spanish, one XML file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from knowledge.imports.records import BadRecord, Entry, Link, Record, Told
from knowledge.imports.xml_stream import all_text, elements, plain

ENDINGS = (".xml",)
_LANGUAGES = {"English": "en", "Spanish": "es"}


def read(paths: Sequence[Path], told: Told) -> Iterator[Entry]:
    """A record for each topic with its summary, and links to related topics."""
    for file in paths:
        for topic, line in elements(file, frozenset({"health-topic"}), told):
            id_, title = topic.get("id", ""), topic.get("title", "")
            if not id_ or not title:
                raise BadRecord(
                    file, line, id_ or title, "the health-topic needs an id and a title"
                )
            summary = topic.find("full-summary")
            yield Record(
                id=id_,
                kind="topic",
                title=title,
                text=plain("".join(summary.itertext())) if summary is not None else "",
                language=_LANGUAGES.get(topic.get("language", "English"), "en"),
                url=topic.get("url", ""),
                names=tuple(all_text(one) for one in topic.findall("also-called")),
                data={
                    "groups": "; ".join(all_text(one) for one in topic.findall("group")),
                    "mesh": "; ".join(all_text(one) for one in topic.iter("descriptor")),
                    "created": topic.get("date-created", ""),
                },
            )
            for other in topic.findall("related-topic"):
                if other.get("id"):
                    yield Link(source=id_, relation="related", target=other.get("id", ""))
