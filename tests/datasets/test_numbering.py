"""Things that are numbered together have the numbers that they would have one by one (issue 18, item 6)."""

from hypothesis import example, given
from hypothesis import strategies as st

from perceptron_annotations.datasets.numbering import Numbering

THINGS = st.lists(st.lists(st.integers(0, 12).map(str), max_size=8), max_size=5)


@given(THINGS)
@example([["0", "1", "0", "2"], ["2", "3", "1", "4", "3"]])
def test_numbers_have_no_gaps_and_are_in_the_order_of_first_looks(groups):
    together, known = Numbering(), {}
    for things in groups:
        before = dict(known)
        number, new = together.of(things)
        assert number.tolist() == [known.setdefault(thing, len(known)) for thing in things]
        assert new.tolist() == [
            place for place, thing in enumerate(things) if thing not in before and thing not in things[:place]
        ]
        assert dict(together) == known
        assert [together[thing] for thing in things] == number.tolist()
