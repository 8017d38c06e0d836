"""Read XML element by element, with line numbers, and refuse entities of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from knowledge.imports.records import BadRecord, Told, opened

_CHUNK = 1 << 16
_DEEPEST = 200  #: elements inside one another
_LARGEST = 20_000_000  #: characters of one record
_MARKUP = re.compile(r"<[^>]*>")
_BREAKS = re.compile(r"</(?:p|li|h\d|div|tr)>|<br\s*/?>", re.IGNORECASE)


class Refused(ValueError):
    """Something an honest file does not hold."""


class _Parts:
    """Expat's events, gathered into the elements that are wanted."""

    def __init__(self, wanted: frozenset[str]) -> None:
        self._wanted = wanted
        self.ready: list[tuple[Element, int]] = []
        self._builder: TreeBuilder | None = None
        self._depth = self._inside = self._size = self._line = self._count = 0
        self._record = ""
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._entity
        self.parser.ExternalEntityRefHandler = self._entity

    @property
    def record(self) -> str:
        """Which element is being read, by its tag, number and id; or after which one it is."""
        return self._record if self._builder or not self._record else f"after {self._record}"

    def _entity(self, *_: object) -> int:
        raise Refused("the file declares an entity, which is refused")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise Refused("the elements are nested too deeply")
        if self._builder is None and tag in self._wanted:
            self._builder, self._inside, self._size = TreeBuilder(), self._depth, 0
            self._line = self.parser.CurrentLineNumber
            self._count += 1
            id_ = attributes.get("id")
            self._record = f"{tag} {self._count}" + (f" ({id_})" if id_ else "")
        if self._builder is not None:
            self._builder.start(tag, attributes)

    def _end(self, tag: str) -> None:
        if self._builder is not None:
            self._builder.end(tag)
            if self._depth == self._inside:
                self.ready.append((self._builder.close(), self._line))
                self._builder = None
        self._depth -= 1

    def _text(self, data: str) -> None:
        if self._builder is not None:
            self._size += len(data)
            if self._size > _LARGEST:
                raise Refused("one record is larger than any honest one")
            self._builder.data(data)


def elements(file: Path, wanted: frozenset[str], told: Told) -> Iterator[tuple[Element, int]]:
    """Each outermost element with a wanted tag, and the line it begins on.

    Raises BadRecord where the file is no XML, declares an entity, or ends too soon.
    """
    parts = _Parts(wanted)
    with opened(file, told) as source:
        done = False
        while not done:
            try:
                chunk = source.read(_CHUNK)
                done = not chunk
                parts.parser.Parse(chunk, done)
            except expat.ExpatError as error:
                why = f"this is not XML ({expat.errors.messages[error.code]})"
                raise BadRecord(file, error.lineno, parts.record, why) from error
            except Refused as error:
                line = parts.parser.CurrentLineNumber
                raise BadRecord(file, line, parts.record, str(error)) from error
            except (OSError, EOFError) as error:
                line = parts.parser.CurrentLineNumber
                raise BadRecord(
                    file, line, parts.record, f"it cannot be read on ({error})"
                ) from error
            ready, parts.ready = parts.ready, []
            yield from ready


def all_text(element: Element | None) -> str:
    """The text of an element and all in it, on one line."""
    return " ".join("".join(element.itertext()).split()) if element is not None else ""


def plain(html: str) -> str:
    """HTML without its marks; paragraphs become lines."""
    text = unescape(_MARKUP.sub("", _BREAKS.sub("\n", " ".join(html.split()))))
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)
