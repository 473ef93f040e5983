"""A table as plain text of a given width: names are shortened in their middle, numbers and words are never broken.

If shortening names and putting the words of headings below each other is not enough, columns are left out, and named in
a line below the table.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .report_tables import ReportTable

#: What names are shortened to at most.
_SHORTEST = 12
#: A name of a column is shortened if it is longer than the name of any metric.
_LONGEST_HEADING = 16
#: Columns of characters between two columns of the table.
_GAP = 3
#: No cell is longer than this, however wide the table may be.
_LONGEST = 160


def plain_table(table: ReportTable, width: int | None) -> str:
    """The table in lines without blanks at their ends; as wide as it needs to be if ``width`` is None."""
    columns = [_Column(table, place) for place in range(len(table.columns))]
    dropped = []
    if width is not None:
        while len(columns) > 1 and _least(columns) > width:
            dropped.append(_next_to_drop(columns, table.optional))
            columns.remove(dropped[-1])
        _fit(columns, width)
    lines = [*text_lines(table.title, width), *_head(columns), "━╇━".join("━" * each.width for each in columns)]
    lines += [" │ ".join(each.cell(row) for each in columns) for row in range(len(table.rows))]
    if dropped:
        names = [table.columns[place] for place in sorted(each.place for each in dropped)]
        lines += text_lines(f"(too narrow to show: {', '.join(names)})", width)
    return "".join(f"{line.rstrip()}\n" for line in lines)


class _Column:
    """A column, and how wide it is and may be."""

    def __init__(self, table: ReportTable, place: int) -> None:
        self.place = place
        self.heading = table.columns[place]
        self.is_name = place in table.names
        self.cells = [shortened(row[place], _LONGEST) for row in table.rows]
        widest = max(map(display_width, self.cells), default=0)
        word = min(max(map(display_width, self.heading.split()), default=0), _LONGEST_HEADING)
        self.width = max(widest, display_width(self.heading))
        self.least = min(self.width, max(word, min(widest, _SHORTEST) if self.is_name else widest))

    def cell(self, row: int) -> str:
        """The cell of a row, as wide as the column."""
        return _padded(shortened(self.cells[row], self.width), self.width)

    def heading_lines(self) -> list[str]:
        """The heading, its words below each other if it does not fit."""
        return wrapped(self.heading, self.width)


def _least(columns: Sequence[_Column]) -> int:
    return sum(each.least for each in columns) + _GAP * (len(columns) - 1)


def _next_to_drop(columns: Sequence[_Column], optional: Sequence[int]) -> _Column:
    """The first of the optional ones that is still there, else the last column."""
    return next((each for place in optional for each in columns if each.place == place), columns[-1])


def _fit(columns: Sequence[_Column], width: int) -> None:
    """Narrow the widest columns that can be narrowed until all of them fit."""
    excess = sum(each.width for each in columns) + _GAP * (len(columns) - 1) - width
    for _ in range(excess):
        narrowed = max(columns, key=lambda each: (each.width > each.least, each.width))
        if narrowed.width <= narrowed.least:
            return
        narrowed.width -= 1


def _head(columns: Sequence[_Column]) -> Iterator[str]:
    headings = [each.heading_lines() for each in columns]
    height = max(map(len, headings))
    for line in range(height):
        cells = [lines[line - height + len(lines)] if line >= height - len(lines) else "" for lines in headings]
        yield " ┃ ".join(_padded(cell, each.width) for cell, each in zip(cells, columns, strict=True))


def text_lines(text: str, width: int | None) -> list[str]:
    """A sentence in lines that fit; on one line if ``width`` is None."""
    return [text] if width is None else wrapped(text, width)


def wrapped(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` columns, broken at blanks alone; longer words are shortened."""
    lines: list[str] = []
    for word in text.split():
        short = shortened(word, width)
        if lines and display_width(lines[-1]) + 1 + display_width(short) <= width:
            lines[-1] += f" {short}"
        else:
            lines.append(short)
    return lines or [""]


def shortened(text: str, width: int) -> str:
    """``text`` in at most ``width`` columns: what is too much is taken out of its middle.

    >>> shortened("a_very_long_name.jsonl", 12), shortened("short", 12)
    ('a_very…jsonl', 'short')
    """
    if display_width(text) <= width:
        return text
    room = width - 1
    return _start(text, room - room // 2) + "…" + _start(text[::-1], room // 2)[::-1]


def _start(text: str, width: int) -> str:
    """As many characters from the start as fit."""
    taken, used = 0, 0
    for char in text:
        used += display_width(char)
        if used > width:
            break
        taken += 1
    return text[:taken]


def display_width(text: str) -> int:
    """How many columns of a terminal a text takes; a Chinese character takes two."""
    from rich.cells import cell_len

    return len(text) if text.isascii() else cell_len(text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - display_width(text))
