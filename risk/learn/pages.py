"""One document as Markdown and as a web page that needs nothing else."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:54rem;margin:2rem auto;padding:0 1rem;"
    "color:#1f2937}table{border-collapse:collapse;margin:1rem 0;display:block;overflow-x:auto}"
    "th,td{border-bottom:1px solid #d1d5db;padding:.3rem .7rem;text-align:left}"
    "img{max-width:100%}.note{background:#fff7ed;border-left:4px solid #c2410c;padding:.6rem 1rem}"
)


@dataclass
class Page:
    """Blocks in order, each a kind with its rows: a text is one row of one cell."""

    title: str
    blocks: list[tuple[str, tuple[tuple[str, ...], ...]]] = field(default_factory=list)

    def heading(self, text: str) -> None:
        """A section begins."""
        self.blocks.append(("heading", ((text,),)))

    def text(self, text: str) -> None:
        """A paragraph."""
        self.blocks.append(("text", ((text,),)))

    def note(self, text: str) -> None:
        """A paragraph nobody should miss."""
        self.blocks.append(("note", ((text,),)))

    def table(self, head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
        """A table; every cell as its text."""
        self.blocks.append(("table", (tuple(head), *(tuple(map(str, row)) for row in rows))))

    def picture(self, file: str, told: str) -> None:
        """A picture of ``files``, with what it shows."""
        self.blocks.append(("picture", ((file, told),)))

    def markdown(self) -> str:
        """The document with its pictures as links."""
        found = [f"# {_plain(self.title)}"]
        for kind, (head, *rows) in self.blocks:
            if kind == "table":
                lines = [head, tuple("---" for _ in head), *rows]
                found.append("\n".join(f"| {' | '.join(map(_plain, line))} |" for line in lines))
            elif kind == "picture":
                file, told = head
                found.append(f"![{_plain(told)}]({file})")
            else:
                sign = {"heading": "## ", "note": "> "}.get(kind, "")
                found.append(sign + _plain(head[0]))
        return "\n\n".join(found) + "\n"

    def page(self, files: Mapping[str, bytes]) -> str:
        """The document as HTML, with its pictures inside."""
        found = [f"<h1>{html.escape(self.title)}</h1>"]
        for kind, (head, *rows) in self.blocks:
            if kind == "table":
                cells = [_cells("th", head), *(_cells("td", row) for row in rows)]
                found.append(f"<table>{''.join(cells)}</table>")
            elif kind == "picture":
                file, told = head
                data = base64.b64encode(files[file]).decode("ascii")
                alt = html.escape(told, quote=True)
                found.append(f'<p><img alt="{alt}" src="data:image/png;base64,{data}"></p>')
            else:
                tag = {"heading": "h2", "note": 'p class="note"'}.get(kind, "p")
                found.append(f"<{tag}>{html.escape(head[0])}</{tag.split()[0]}>")
        meta = f'<meta charset="utf-8"><title>{html.escape(self.title)}</title>'
        meta += '<meta name="viewport" content="width=device-width, initial-scale=1">'
        body = "\n".join(found)
        return (
            f'<!doctype html><html lang="en"><head>{meta}<style>{_STYLE}</style></head>\n'
            f"<body>\n{body}\n</body></html>\n"
        )


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def _cells(tag: str, row: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in row) + "</tr>"
