"""Batches: every backend, mode and number of threads gives what ``parse`` gives."""

import multiprocessing
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from perceptron_annotations import AnnotationTable, Mode, Span, UsageError, parse, parse_batch
from perceptron_annotations.errors import MarkupError
from perceptron_annotations.markup.parsing import parse_purely
from tests.corpora import EVERY

TEXTS = [param.values[0] for param in EVERY]
GOOD = '<point_box mention="cat"> (1,2) (3,4) </point_box>'


@pytest.mark.parametrize("mode", [Mode.LENIENT, Mode.SALVAGE])
@pytest.mark.parametrize("threads", [1, 3])
def test_the_corpora(mode, threads):
    texts = TEXTS * (1 + 9000 // len(TEXTS))  # several shares for each thread
    table = parse_batch(texts, mode=mode, threads=threads)
    once = AnnotationTable.from_documents([parse(text, mode=mode) for text in TEXTS])
    assert table[table.response < len(TEXTS)].labels.tolist() == once.labels.tolist()
    assert table == AnnotationTable.concat([once] * (len(texts) // len(TEXTS)))


def test_a_special_token_in_a_tag_that_is_prose():
    """Salvage sets it apart; ``<|`` was looked for between tags only."""
    text = '<polygon t="1 <|im_end|> 2" /> <point> (1,2) </point>'
    document = parse_purely(text, Span(0, len(text)), mode=Mode.SALVAGE, cut=False)
    assert [issue.code.value for issue in document.issues] == ["unpaired_tag", "special_token"]
    assert parse(text, mode="salvage").issues == document.issues
    assert parse_batch([text], mode="salvage") == AnnotationTable.from_documents([document])


def test_strict_names_the_answer():
    texts = [GOOD] * 9000 + ["<point> x </point>", "<point> y </point>"]
    for threads in (1, 2):
        with pytest.raises(MarkupError, match=r"^answer 9000: invalid_point_coords") as raised:
            parse_batch(texts, mode="strict", threads=threads)
        assert raised.value.response == 9000


def test_progress():
    for threads in (1, 2):
        seen = []
        parse_batch([GOOD] * 10_000, threads=threads, progress=seen.append)
        assert seen == [2048, 4096, 6144, 8192, 10_000]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"texts": GOOD}, "for one answer use parse"),
        ({"texts": [GOOD, b"x"]}, "number 1 is bytes: decode bytes first"),
        ({"texts": [GOOD], "threads": 0}, "threads must be at least 1"),
        ({"texts": [GOOD], "mode": "loose"}, "mode must be one of"),
    ],
)
def test_wrong_use(arguments, message):
    with pytest.raises(UsageError, match=message):
        parse_batch(**arguments)


def test_texts_may_be_any_iterable():
    assert parse_batch(iter([GOOD, ""])) == parse_batch((GOOD, ""))
    assert len(parse_batch([]).responses) == 0

    class Answers(list):
        pass

    assert parse_batch(Answers([GOOD, ""])) == parse_batch([GOOD, ""])


def test_many_mentions_that_begin_alike():
    """The interning of mentions, past several doublings of its table."""
    names = [f"person {number}" for number in range(5000)]
    table = parse_batch([f'<point mention="{name}"> (1,2) </point>' for name in [*names, *names]])
    assert table.mentions == tuple(names)
    assert table.labels.tolist() == names * 2


def test_mentions_are_compared_as_words():
    table = parse_batch(['<point mention="a &amp; b"> (1,2) </point>', "<point mention='a & b'> (1,2) </point>"])
    assert table.mentions == ("a & b",)


def test_threads_may_read_at_once():
    """“Two threads parsing at once under a switch interval of 1 µs”, batches and single answers."""
    texts = TEXTS * 3
    wanted = parse_batch(texts)
    documents = [repr(parse(text).nodes) for text in TEXTS]
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            batches = [pool.submit(parse_batch, texts) for _ in range(6)]
            singles = [pool.submit(lambda: [repr(parse(text).nodes) for text in TEXTS]) for _ in range(4)]
            assert all(batch.result() == wanted for batch in batches)
            assert all(single.result() == documents for single in singles)
    finally:
        sys.setswitchinterval(before)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes(method):
    """“A parse inside a ``multiprocessing`` worker, pickling a table.”"""
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"this system cannot {method}")
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.apply(parse_batch, [TEXTS]) == parse_batch(TEXTS)


@pytest.mark.parametrize("threads", [1, 2])
def test_columns_that_are_large(threads):
    """They lie in pages of another kind, and more of them is asked for than the first answers need."""
    small = [f'<point mention="{number % 7}"> ({number % 1000},{number // 1000}) </point>' for number in range(3000)]
    ring = "".join(f"({number % 1000},{number // 1000})" for number in range(90_000))
    texts = [*small, *[f"é <polygon mention='ring'>{ring}</polygon>"] * 4, *reversed(small)]
    table = parse_batch(texts, threads=threads)
    assert table.coords.nbytes > 4 << 20
    assert table.response.tolist() == list(range(len(texts)))
    assert table.coords[:3000].tolist() == [[number % 1000, number // 1000] for number in range(3000)]
    assert table.coords[-3000:].tolist() == table.coords[:3000].tolist()[::-1]
    for row in range(3000, 3004):
        assert table.coords[table.offsets[row] : table.offsets[row + 1]].tolist() == [
            [number % 1000, number // 1000] for number in range(90_000)
        ]
    assert table.labels.tolist() == [str(n % 7) for n in range(3000)] + ["ring"] * 4 + [
        str(n % 7) for n in reversed(range(3000))
    ]
