"""What a model on a lead may look up: about this one patient, and nothing it could change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from threading import Lock

from bot.conversation import medicine_turn
from bot.conversation.knowledge_turn import language, tags_of
from bot.conversation.notes import Notes
from bot.conversation.readings import label
from bot.domain.turn import Turn
from bot.ports import Library, Services, Tool
from knowledge import answering
from knowledge.answering import Told
from knowledge.model import Article
from knowledge.support import RECORD, Cited
from memory import Recalled
from prompts import say

MEDICINES = "medicines"  #: the mark of what medicines do to each other
_ARTICLES = 3  #: shown for one search
_READINGS = 12
_SHOWN = 400  #: characters of a line of the record


@dataclass
class Found:
    """Every line that the model was shown, in order, with the sources it stands on."""

    lines: list[Cited] = field(default_factory=list)
    sources: list[tuple[str, ...]] = field(default_factory=list)
    articles: dict[str, Article] = field(default_factory=dict)
    _one_at_a_time: Lock = field(default_factory=Lock)

    def show(self, mark: str, lines: Iterable[tuple[str, tuple[str, ...]]]) -> str:
        """Keep these lines; returns them as the model sees them."""
        shown = []
        with self._one_at_a_time:
            for text, sources in lines:
                plain = _plain(text)
                shown.append(f"- {plain} [{mark}]")
                if not any(one.id == mark and one.text == plain for one in self.lines):
                    self.lines.append(Cited(id=mark, text=plain))
                    self.sources.append(sources)
        return "\n".join(shown)


@dataclass(frozen=True, kw_only=True)
class LookUp:
    """The use cases, closed over one turn: no argument says whose data it is."""

    turn: Turn
    services: Services
    library: Library
    found: Found

    def tools(self) -> list[Tool]:
        """The tools of this turn; the first is what was used beforehand."""
        return [
            Tool(name="search_library", about="Search the clinic's articles on health.",
                 argument="question", use=self.search),
            Tool(name="read_article", about="Read one article whole, by its mark.",
                 argument="article_id", use=self.read),
            Tool(name="check_medicines", about="What is known of these medicines together, and with"
                 " the patient's own. Give their names.", argument="names", use=self.medicines),
            Tool(name="my_notes", about="What this patient told the clinic before, on a topic.",
                 argument="topic", use=self.notes),
        ]  # fmt: skip

    def begin(self, known: Notes) -> str:
        """What is looked up for every question: the library, and what is known of the patient."""
        record = self.found.show(RECORD, [*self._readings(), *self._known(known)])
        return "\n\n".join(part for part in (self.search(self.turn.text), record) if part)

    def search(self, question: str) -> str:
        """The lines of the best articles that fit the question and the patient."""
        spoken = language(self.turn)
        tags = tags_of(self.turn)
        found = self.library.search(question[:1000], spoken).found[:_ARTICLES]
        articles = [self.library.articles[one.passage.id] for one in found]
        shown = [self._show(answering.whole(one, spoken, tags)) for one in articles]
        return "\n\n".join(shown) or say("lead.nothing", self.turn.language)

    def read(self, article_id: str) -> str:
        """Everything of one article that is for this patient."""
        article = self.library.articles.get(article_id.strip(" []").lower())
        if article is None:
            return say("lead.nothing", self.turn.language)
        tags = tags_of(self.turn)
        return self._show(answering.whole(article, language(self.turn), tags))

    def medicines(self, names: str) -> str:
        """What stands against these medicines, on this patient's record or among themselves."""
        lines, sources = medicine_turn.looked_up(self.turn, self.services, names)
        if not lines:
            return say("lead.nothing_known", self.turn.language)
        return self.found.show(MEDICINES, [(line, tuple(sources)) for line in lines])

    def notes(self, topic: str) -> str:
        """This patient's own earlier words on a topic."""
        patient_id = self.turn.patient_id
        with self.services.store.reading() as rows:
            fresh = rows.record.unindexed_of(patient_id)
        recalled = self.services.memories.recall(
            patient_id, topic, limit=5, now=self.turn.now, extra=fresh
        )
        shown = self.found.show(RECORD, self._told(recalled))
        return shown or say("lead.nothing", self.turn.language)

    def _show(self, told: Told) -> str:
        article, spoken = told.article, language(self.turn)
        self.found.articles[article.id] = article
        lines = (*told.general, *told.personal, *told.help)
        shown = [
            (line.text, tuple(footnote(article, cite) for cite in line.cites)) for line in lines
        ]
        return f"{article.title[spoken]}\n{self.found.show(article.id, shown)}"

    def _readings(self) -> list[tuple[str, tuple[str, ...]]]:
        zone, spoken = self.turn.patient.zone, self.turn.language
        return self._own(
            say("lead.reading", spoken, day=f"{o.at.astimezone(zone):%Y-%m-%d %H:%M}",
                what=label(o.code, spoken), value=o.shown)
            for o in self.turn.observations[:_READINGS]
        )  # fmt: skip

    def _known(self, known: Notes) -> list[tuple[str, tuple[str, ...]]]:
        spoken = self.turn.language
        facts = [
            say("lead.fact", spoken, day=f"{one.recorded_at:%Y-%m-%d}", text=one.text[:_SHOWN])
            for one in known.facts
        ]
        months = [
            say("lead.noted", spoken, day=one.day, text=one.text[:_SHOWN]) for one in known.months
        ]
        return [*self._own(facts), *self._told(known.memories), *self._own(months)]

    def _told(self, recalled: Sequence[Recalled]) -> list[tuple[str, tuple[str, ...]]]:
        memories = [one.memory for one in recalled if one.memory.source != self.turn.message.id]
        return self._own(
            say("lead.told" if one.said_by == "patient" else "lead.noted", self.turn.language,
                day=f"{one.recorded_at:%Y-%m-%d}", text=one.text[:_SHOWN])
            for one in memories
        )  # fmt: skip

    def _own(self, lines: Iterable[str]) -> list[tuple[str, tuple[str, ...]]]:
        source = (say("lead.your_record", self.turn.language),)
        return [(line, source) for line in lines]


def footnote(article: Article, cite: int) -> str:
    """The article's ``cite``-th source in one line."""
    source = article.sources[cite - 1]
    return f"{source.organisation}: {source.title}, {source.year}"


def _plain(text: str) -> str:
    """One line that cannot pass for a mark or a heading."""
    return " ".join(text.replace("[", "(").replace("]", ")").replace("<", "‹").split())
