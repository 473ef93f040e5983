from collections.abc import Callable, Sequence
from typing import Any

from ..frames import Frame
from .columns import Columns
from .document import Document, Mode

def read(source: str, mode: Mode, start: int = ..., end: int = ..., cut: bool = ...) -> Document | None: ...
def reason(text: str) -> str: ...

class Scanner:
    def __init__(
        self,
        read_purely: Callable[[int], Columns],
        *,
        refuses_errors: bool = ...,
        refuses_specials: bool = ...,
        refuses_thoughts: bool = ...,
    ) -> None: ...
    def feed(self, texts: list[str], cuts: Sequence[bool] | None = ...) -> None: ...
    def expect(self, more: int) -> None: ...
    def absorb(self, other: Scanner) -> None: ...
    def columns(self) -> Columns: ...

class BoxScanner(Scanner):
    def follow(
        self,
        keys: Sequence[str],
        order: str,
        offset: float,
        frame: Frame | None,
        frame_of: Callable[[int], Frame] | None = ...,
    ) -> None: ...

class LineScanner:
    scanner: Scanner
    def __init__(
        self,
        scanner: Scanner,
        endings: tuple[int, ...],
        *,
        keeps_names: bool,
        keeps_texts: bool,
    ) -> None: ...
    def feed_lines(self, data: bytes, start: int, found: Any) -> int: ...
