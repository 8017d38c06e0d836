"""Standard sources, read one record at a time: each format by a file of its own."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge.imports import hetionet, medlineplus, medquad, obo, pubmed, rxnorm
from knowledge.imports.records import Reader

FORMATS: Mapping[str, Reader] = {
    "medquad": medquad.read,
    "medlineplus": medlineplus.read,
    "pubmed": pubmed.read,
    "obo": obo.read,
    "rxnorm": rxnorm.read,
    "hetionet": hetionet.read,
}
