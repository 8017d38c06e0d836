"""Progress bars for what takes longer than two seconds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

screen = Console(width=150)


@contextmanager
def bar(what: str, total: int) -> Iterator[Callable[[], None]]:
    """A bar on standard error; call what it gives after each step."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    ) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)


@contextmanager
def share_bar(what: str) -> Iterator[Callable[[float], None]]:
    """Call what it gives with the share that is done, 0 to 1; in a file, a line for every 2 %."""
    if not screen.is_terminal:
        told = [0.0]

        def tell(share: float) -> None:
            if share >= told[0]:
                told[0] = share + 0.02
                screen.print(f"{what}: {share:.0%}")

        yield tell
        return
    with Progress(console=screen, transient=True) as progress:
        task = progress.add_task(what, total=1.0)
        yield lambda share: progress.update(task, completed=share)
