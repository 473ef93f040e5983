"""What every surface must do, for tests of one of them."""

import perceptron_annotations as pa
from perceptron_annotations.markup.piece_builder import PieceBuilder


def told(dialect, text, ends, *, salvage=False):
    """What is told of a text that arrives in parts: nodes, annotations, issues, and whether it is cut."""
    reader = dialect.surface.reader(7, salvage=salvage)
    builder = PieceBuilder(dialect, pa.Frame.GRID)
    at = 0
    for end in [*sorted(ends), len(text)]:
        builder.tell(reader.read(text[at:end]))
        at = end
    builder.tell(reader.finish())
    return builder.nodes, builder.annotations, builder.issues, reader.truncated


def assert_told_alike(dialect, text, ends):
    """The pieces tile the text, and say the same however it is cut."""
    for salvage in (False, True):
        whole = told(dialect, text, (), salvage=salvage)
        at = 7
        for node in whole[0]:
            assert node.span.start == at < node.span.end
            at = node.span.end
        assert at == 7 + len(text)
        assert told(dialect, text, ends, salvage=salvage) == whole
        assert told(dialect, text, range(len(text)), salvage=salvage) == whole


def work(dialect, text, size):
    """How many lines of the package run to read a text in chunks of a size, and how many characters they look at."""
    import sys

    count = 0

    def trace(frame, event, _argument):
        nonlocal count
        count += event == "line"
        return trace if "perceptron_annotations" in frame.f_code.co_filename else None

    reader = dialect.surface.reader(0, salvage=True)
    before = sys.gettrace()
    sys.settrace(trace)
    try:
        for at in range(0, len(text), size):
            list(reader.read(text[at : at + size]))
        list(reader.finish())
    finally:
        sys.settrace(before)
    return count
