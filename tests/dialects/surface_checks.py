"""What every surface must do, for tests with parts that are made to trouble one of them."""

from tests.dialects.test_every_dialect import told


def assert_told_alike(name, text, ends):
    """The pieces tile the text, and say the same however it is cut."""
    for salvage in (False, True):
        whole = told(text, name, salvage=salvage)
        at = 7
        for node in whole[0]:
            assert node.span.start == at < node.span.end
            at = node.span.end
        assert at == 7 + len(text)
        assert told(text, name, ends, salvage=salvage) == whole
        assert told(text, name, range(len(text)), salvage=salvage) == whole
