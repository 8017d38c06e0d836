"""Find the passages that answer a message: by meaning, words, names and kind of question."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from knowledge import asked as reader
from knowledge import head as heads
from knowledge import kinds, known, spelling, words
from knowledge.asked import Asked
from knowledge.dense import Pieces, Progress, Vectoriser, windows
from knowledge.guess.guess import Guess
from knowledge.model import Answer, Encoder, Found, KnowledgeError, Language, Passage, Vectors
from knowledge.ranking import Features, agreed, combined, first, margin, scaled, weights
from knowledge.rerank import Reranker
from knowledge.sparse import Bm25, Lines, Names

_OTHER_KIND = {kinds.INFORMATION: 0.5}
_UNTOLD = 0.35  #: how well a passage fits that tells no kind at all
_DEPTH = 40  #: passages that a cross-encoder reads
_ALSO = 0.6  #: trust in the names of what a passage is about beside its topic
_ABOUT = 4  #: words of the topic put before a question that only says "it"
_SURE = 0.74  #: from here on a misspelt word is replaced before it is encoded
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]+")


class Index:
    """The passages of one language, ready to be searched; never changed once built."""

    def __init__(
        self,
        passages: Sequence[Passage],
        encoder: Encoder | None = None,
        *,
        folder: Path | None = None,
        progress: Progress | None = None,
        also: Mapping[str, Sequence[str]] | None = None,
        reranker: Reranker | None = None,
        guess: Guess | None = None,
        purpose: str = "passages",
    ) -> None:
        """`folder` keeps vectors between starts; `also`: id of `about` → what people call it;
        `guess`: what was learnt of these passages; `purpose`: whose weights and calibration are
        used, "passages" or "articles"."""
        if len({one.id for one in passages}) < len(passages):
            raise KnowledgeError("two passages have the same id")
        self.passages = list(passages)
        self._heads = [heads.of(one) for one in self.passages]
        self._also = also or {}
        self._count_words()
        self._kinds = self._kind_matrix()
        self.reranker, self.guess, self.purpose = reranker, guess, purpose
        self.encoder: Encoder | None = None
        if encoder:
            self._encode(encoder, folder, progress)

    def read_by(
        self,
        encoder: Encoder | None,
        *,
        reranker: Reranker | None = None,
        folder: Path | None = None,
        progress: Progress | None = None,
    ) -> Index:
        """The same passages, counted and learnt once for both, read by `encoder`, too."""
        better = copy.copy(self)
        better.reranker = reranker or self.reranker
        if encoder:
            better.guess = self.guess and self.guess.read_by(encoder.name)
            better._encode(encoder, folder, progress)
        return better

    def _count_words(self) -> None:
        bodies = [words.terms(f"{p.title}\n{p.text}") for p in self.passages]
        self._lines = Lines(bodies)
        self._bm25 = Bm25(self._lines)
        names: list[list[str]] = []
        owners: list[int] = []
        trust: list[float] = []
        asks: list[list[str]] = []
        askers: list[int] = []
        spelt: set[str] = set()
        for at, (passage, head) in enumerate(zip(self.passages, self._heads, strict=True)):
            called = [(one, 1.0) for one in head.names]
            for place, id_ in enumerate(passage.about):
                also = _ALSO if place else 1.0
                called += [(one, also) for one in self._also.get(id_, ())]
            for one, sure in called:
                names.append(words.terms(one))
                owners.append(at)
                trust.append(sure)
                spelt.update(words.plain_words(one))
            for one in (head.line, passage.title, *passage.questions):
                if one:
                    asks.append(words.terms(one))
                    askers.append(at)
        self._name_lines = Lines(names, owners)
        self._names = Names(self._name_lines, trust=trust)
        self._asks = Names(Lines(asks, askers), both_ways=True)
        others = (w for p in self.passages for w in set(words.plain_words(p.text)))
        self._groups = self._grouped()
        self._speller = spelling.Speller(spelt - words.load().stop, others)

    def _grouped(self) -> Vectors:
        """A number for each passage, the same for those whose first name is the same."""
        numbers: dict[object, int] = {}
        keys = (
            tuple(sorted(set(words.terms(head.names[0])))) if head.headed and head.names else at
            for at, head in enumerate(self._heads)
        )
        return np.array([numbers.setdefault(key, len(numbers)) for key in keys], dtype=np.int64)

    def _kind_matrix(self) -> dict[str, Vectors]:
        found = {kind.id: np.zeros(len(self.passages), dtype=np.float32) for kind in kinds.load()}
        self._untold = np.zeros(len(self.passages), dtype=np.float32)
        for at, head in enumerate(self._heads):
            if head.kind:
                found[head.kind][at] = 1.0
            elif head.told:
                for id_, share in head.told.items():
                    found[id_][at] = 0.8 * share
            else:
                self._untold[at] = _UNTOLD
        return found

    def _encode(self, encoder: Encoder, folder: Path | None, progress: Progress | None) -> None:
        texts: list[str] = []
        owners: list[int] = []
        tops: list[str] = []
        toppers: list[int] = []
        for at, (passage, head) in enumerate(zip(self.passages, self._heads, strict=True)):
            whole = f"{passage.title}\n{passage.text}" if passage.title else passage.text
            for one in windows(whole):
                texts.append(one)
                owners.append(at)
            for one in dict.fromkeys((head.line, passage.title, *passage.questions)):
                if one:
                    tops.append(one)
                    toppers.append(at)
        # What keeps the vectors on disk is let go of: they are held once.
        made = Vectoriser(encoder, folder).encode([*texts, *tops], progress)
        self._pieces = Pieces(made[: len(texts)], owners, len(self.passages))
        self._tops = Pieces(made[len(texts) :], toppers, len(self.passages))
        self.encoder = encoder

    def features(self, message: str) -> Features:
        """Everything that ranks the passages for `message`."""
        asked = reader.read(message)
        size = len(self.passages)
        terms = self._weighted(asked)
        named, share = self._names.scores(terms)
        likeness, _ = self._asks.scores(terms)
        parts: dict[str, Vectors] = {
            "bm25": self._bm25.scores(terms),
            "names": self._names.best(named, size),
            "asks": self._asks.best(likeness, size),
        }
        core, whole, vector = asked.core, asked.whole, None
        if self._reads(asked.language):
            assert self.encoder is not None
            core, whole = self._said(asked, terms)
            by = weights(self.purpose, asked.language)
            both = [whole, core] if core != whole and (by.core or by.head) else [whole]
            queries = self.encoder.encode(both)[[0, -1]]  # one text is read once
            vector = queries[0]
            parts["whole"], parts["core"] = self._pieces.likeness(queries)
            parts["head_whole"], parts["head"] = self._tops.likeness(queries)
        raw = {name: float(part.max(initial=0.0)) for name, part in parts.items()}
        raw["share"] = float((share * (named > 0)).max(initial=0.0))
        values = {t: w * self._lines.idf(t) * words.term_weight(t) for t, w in asked.terms.items()}
        every = max(sum(values.values()), 1e-6)
        raw["known"] = sum(v for t, v in values.items() if self._lines.frequency(t)) / every
        raw["bm25"] = min(1.0, raw["bm25"] / every)
        level = {name: scaled(part) for name, part in parts.items()}
        guessed = None
        if self.guess is not None:
            guessed = self.guess(whole, vector)
            raw["nothing"] = guessed.nothing
        return Features(
            asked=asked,
            core=core,
            parts={**level, "kind": self._kind(asked)},
            raw=raw,
            guess=None if guessed is None else guessed.shares,
        )

    def _said(self, asked: Asked, terms: Mapping[str, float]) -> tuple[str, str]:
        """What is asked with what it is about, and the whole, both spelt as the library spells."""
        whole, core = self._spelt(asked.whole), self._spelt(asked.core)
        value = {}
        for word in dict.fromkeys(words.plain_words(whole)):
            at = self._name_lines.vocabulary.get(words.stem(word))
            if at is not None and word not in words.load().stop:
                value[word] = terms.get(words.stem(word), 0.0) * float(self._names.value[at])
        told = set(words.plain_words(core))
        about = sorted(value, key=lambda w: -value[w])[:_ABOUT]
        missing = " ".join(w for w in about if w not in told)
        return (f"{missing}: {core}" if missing else core), whole

    def _spelt(self, text: str) -> str:
        def right(match: re.Match[str]) -> str:
            word = next(words.plain_words(match[0]), "")
            if word and not self._speller.known(word):
                meant, sure = self._speller.right(word)
                if sure >= _SURE:
                    return meant
            return match[0]

        return _WORD.sub(right, text)

    def _weighted(self, asked: Asked) -> dict[str, float]:
        """The terms with their weights: words of no topic count half, misspelt ones are mended."""
        mended = spelling.mended(asked.words, self._speller)
        both = dict(asked.terms)
        for term, weight in mended.items():
            both[term] = max(both.get(term, 0.0), weight)
        named = self._name_lines.vocabulary
        return {
            term: weight * words.term_weight(term) * (1.0 if term in named else 0.6)
            for term, weight in both.items()
        }

    def _kind(self, asked: Asked) -> Vectors:
        fit = self._untold.copy()
        for id_, weight in asked.kinds.items():
            np.maximum(fit, weight * self._kinds[id_], out=fit)
        for id_, weight in _OTHER_KIND.items():
            np.maximum(fit, weight * self._kinds[id_], out=fit)
        return fit

    def _reads(self, language: Language) -> bool:
        return self.encoder is not None and (language == "en" or self.encoder.reads_chinese)

    def search(self, message: str, *, limit: int = 10) -> Answer:
        """The best passages for `message`, best first, and how sure that they answer it."""
        if not self.passages:
            return Answer(found=(), known=0.0, sure=False)
        features = self.features(message)
        part = self.purpose if "core" in features.parts else f"{self.purpose}_unread"
        by = weights(part, features.asked.language)
        total = combined(features, by, self._groups)
        best = first(total, max(limit, _DEPTH if self.reranker else 4))
        if self.reranker is not None:
            read = self.reranker.scores(features.core, [self.passages[i].text for i in best])
            total[best] = total[best] / max(float(total[best[0]]), 1e-6) + by.reranker * read
            best = best[np.argsort(-total[best], kind="stable")]
        raw = {**features.raw, "margin": margin(total[best])}
        if features.guess is not None:
            raw["guess"] = agreed(features.guess, int(best[0]))
        rule = known.load(part, features.asked.language)
        sure = rule.probability(raw)
        return Answer(
            found=tuple(self._found(int(i), total, features) for i in best[:limit]),
            known=sure,
            sure=sure >= rule.least,
            raw=raw,
        )

    def _found(self, at: int, total: Vectors, features: Features) -> Found:
        why = {name: float(part[at]) for name, part in features.parts.items()}
        if features.guess is not None and features.guess[at] == features.guess[at]:
            why["guess"] = float(np.exp(features.guess[at]))
        return Found(passage=self.passages[at], score=float(total[at]), why=why)
