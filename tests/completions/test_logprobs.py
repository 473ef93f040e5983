"""Log probabilities of tokens, laid beside answers: every cut of the bytes into tokens, against a plain loop."""

import json
import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perceptron_annotations import Completion, CompletionStream, read_recordings, read_table, record
from perceptron_annotations.datasets import RecordingImporter, read_dataset_parquet, write_dataset_parquet
from perceptron_annotations.problems import ProblemCode
from perceptron_annotations.table import iter_recorded

pytestmark = pytest.mark.backend

NAN = math.nan
POINT = '<point mention="猫"> (316,136) </point>'
CONTENTS = [
    POINT,
    f"Zwei Käfer: {POINT} und 😀 {POINT}\n",
    f"<think>Où? {POINT}</think>\n{POINT}",
    '<collection mention="é"><point_box> (1,2) (3,4) </point_box> <polygon> (0,0) (9,0) (9,8) </polygon> </collection>',
    f"{POINT}<|im_end|>",
    f"  <|im_start|>{POINT} ",
    '<clip t="3 seconds 4 seconds" />𝟙𝟚',
]


@st.composite
def transcripts(draw):
    """A content, and its bytes cut into tokens anywhere, each with a log probability."""
    content = draw(st.sampled_from(CONTENTS))
    data = content.encode()
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=60)))
    pieces = [data[a:b] for a, b in zip([0, *cuts], [*cuts, len(data)], strict=True)]
    logprobs = draw(st.lists(st.floats(-30, 0), min_size=len(pieces), max_size=len(pieces)))
    return content, list(zip(pieces, logprobs, strict=True))


def sent(tokens):
    """Tokens as OpenAI sends them: the text of a token that cuts a character has replacement characters."""
    return [
        {"token": piece.decode(errors="replace"), "logprob": logprob, "bytes": list(piece), "top_logprobs": []}
        for piece, logprob in tokens
    ]


def body(content, tokens, **message):
    choice = {"message": {"role": "assistant", "content": content} | message, "finish_reason": "stop"}
    return {"id": "c", "object": "chat.completion", "choices": [choice | {"logprobs": {"content": sent(tokens)}}]}


def by_hand(content, tokens, span):
    """The mean and the least, byte by byte: a byte is its part of a character."""
    characters = [(place, 1 / len(each.encode())) for place, each in enumerate(content) for _ in each.encode()]
    weights, values = [], []
    at = 0
    for piece, logprob in tokens:
        held = characters[at : at + len(piece)]
        at += len(piece)
        inside = sum(part for place, part in held if span.start <= place < span.end)
        if inside:
            weights.append(inside / sum(part for _, part in held))
            values.append(logprob)
    mean = sum(weight * value for weight, value in zip(weights, values, strict=True)) / sum(weights)
    return mean, min(values)


def same(found, wanted):
    np.testing.assert_allclose(np.array(found, dtype=float), np.array(wanted, dtype=float), rtol=1e-9, atol=1e-12)


@given(transcripts())
@example((POINT, [(POINT.encode(), -1.0)]))
@example((POINT, [(bytes([byte]), -float(number)) for number, byte in enumerate(POINT.encode())]))
def test_tokens_cut_anywhere(transcript):
    content, tokens = transcript
    completion = Completion.decode(body(content, tokens))
    answer = completion.answer
    assert (completion.problems, completion.complete) == ((), True)
    assert len(answer.document.spans) > 0
    spans = [*answer.document.spans, *(answer.reasoning_document.spans if answer.reasoning_document else ())]
    same([answer.logprobs.over(span) for span in spans], [by_hand(content, tokens, span) for span in spans])


@given(transcripts(), st.lists(st.integers(0, 60), max_size=4))
def test_a_stream_folds_to_the_same(transcript, cuts):
    """Pieces come with the content that they are of, or apart from it."""
    content, tokens = transcript
    stream = CompletionStream()
    entries = sent(tokens)
    places = sorted(cut % (len(entries) + 1) for cut in cuts)
    for start, end in zip([0, *places], [*places, len(entries)], strict=True):
        stream.feed_chunk({"choices": [{"index": 0, "delta": {}, "logprobs": {"content": entries[start:end]}}]})
    stream.feed_chunk({"choices": [{"index": 0, "delta": {"content": content}, "finish_reason": "stop"}]})
    assert stream.close().answer.logprobs == Completion.decode(body(content, tokens)).answer.logprobs


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("key", [None, "id"])
def test_columns_of_recordings(tmp_path, key, threads):
    """The fast reader, the general one (``key=``) and ``read_recordings`` agree; other answers have NaN."""
    path = tmp_path / "a.jsonl"
    bodies = []
    for content in CONTENTS:
        data = content.encode()
        tokens = [(data[at : at + 3], -at / 7) for at in range(0, len(data), 3)]
        bodies += [body(content, tokens), {"id": "c", "choices": [{"message": {"content": content}, "logprobs": None}]}]
    path.write_text("".join(json.dumps(each) + "\n" for each in bodies))
    table = read_table(path, key=key, threads=threads)
    wanted = [
        (NAN, NAN) if recording.logprobs is None else recording.logprobs.over(span)
        for recording in read_recordings(path)
        for span in recording.document().spans
    ]
    same(np.column_stack([table.mean_logprob, table.min_logprob]), wanted)
    assert np.isnan(table.mean_logprob).sum() == len(table) / 2
    (recorded,) = iter_recorded(path, fields=["model"])
    same(recorded.table.mean_logprob, table.mean_logprob)
    frame = table.to_pandas()
    same(frame["mean_logprob"], table.mean_logprob)
    same(table.to_polars()["min_logprob"].to_numpy(), table.min_logprob)


def decoded(content, tokens, **message):
    completion = Completion.decode(body(content, tokens, **message))
    return completion.answer, [problem.code for problem in completion.problems]


def test_reasoning_that_was_sent_apart_is_before_the_answer():
    """vLLM with a reasoning parser: ``logprobs`` has all tokens, and the content only the answer."""
    thoughts = [(b"<think>", -9.0), ("Où ".encode(), -9.0), (POINT.encode(), -9.0), (b"</think>\n\n<po", -1.0)]
    rest = [(POINT.encode()[3:], -2.0), (b"<|im_end|>", -9.0), (b"", -9.0)]
    answer, codes = decoded(POINT, thoughts + rest, reasoning_content=f"Où {POINT}")
    assert codes == []
    share = 3 / len("</think>\n\n<po")
    same(answer.logprobs.over(answer.document.spans[0]), ((-1.0 * share - 2.0) / (share + 1), -2.0))
    alone, codes = decoded(POINT, rest[:2], reasoning_content="Où")
    assert (alone.logprobs, codes) == (None, [ProblemCode.UNUSABLE_LOGPROBS])
    # Without a word of reasoning, tokens before the answer are not explained.
    assert decoded(POINT, thoughts + rest)[0].logprobs is None


def test_what_does_not_align_is_a_problem_and_never_a_shift():
    """vLLM sends the replacement character's bytes for a part of a character."""
    data = POINT.encode()
    at = data.index("猫".encode())
    split = [(data[: at + 1], -1.0), (data[at + 1 :], -2.0)]
    broken = [(piece.decode(errors="replace").encode(), logprob) for piece, logprob in split]
    answer, codes = decoded(POINT, broken)
    assert (answer.logprobs, codes) == (None, [ProblemCode.UNUSABLE_LOGPROBS])
    assert answer.document.points
    missing = [(data[:9], -1.0), (data[12:], -1.0)]
    assert decoded(POINT, missing)[0].logprobs is None
    twice = [(data, -1.0), (data, -2.0)]
    assert decoded(POINT, twice)[0].logprobs is None


def test_tokens_that_end_early_are_of_what_they_say():
    content = f"{POINT} {POINT}"
    answer, codes = decoded(content, [(POINT.encode(), -1.0), (b" <point", -2.0)])
    assert codes == []
    first, second = answer.document.spans
    same(answer.logprobs.over(first), (-1.0, -1.0))
    same(answer.logprobs.over(second), (NAN, NAN))


@pytest.mark.parametrize(
    "logprobs",
    [
        "x",
        3,
        [],
        {"content": "x"},
        {"content": [3]},
        {"content": [{"logprob": -1}]},
        {"content": [{"token": "x", "bytes": [400]}]},
        {"tokens": ["a"]},
        {"content": [{"token": "", "bytes": []}]},
        {"tokens": ["a"], "token_logprobs": []},
    ],
)
def test_log_probabilities_of_a_wrong_type_cost_themselves(tmp_path, logprobs):
    """core M8: an auxiliary field of an unexpected type costs itself alone."""
    choice = {"message": {"content": POINT}, "finish_reason": "stop", "logprobs": logprobs}
    completion = Completion.decode({"id": "c", "choices": [choice]})
    assert [problem.code for problem in completion.problems] == [ProblemCode.UNUSABLE_LOGPROBS]
    assert completion.complete
    assert completion.answer.document.points
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"id": "c", "choices": [choice]}) + "\n")
    problems = []
    assert len(read_table(path, on_problem=problems.append)) == 1
    assert [(each.code, each.place) for each in problems] == [(ProblemCode.UNUSABLE_LOGPROBS, "line 1")]


@pytest.mark.parametrize("logprobs", [None, {}, {"content": None}, {"content": []}, {"content": None, "refusal": []}])
def test_no_log_probabilities_are_no_problem(logprobs):
    choice = {"message": {"content": POINT}, "logprobs": logprobs}
    completion = Completion.decode({"choices": [choice]})
    assert (completion.answer.logprobs, completion.problems) == (None, ())


def test_tokens_without_bytes_are_read_by_their_text():
    """``bytes`` may be null; text completions have ``tokens`` and ``token_logprobs``, of which the first is null."""
    entries = [{"token": POINT[:9], "logprob": -1.0, "bytes": None}, {"token": POINT[9:], "logprob": -2}]
    choice = {"message": {"content": POINT}, "logprobs": {"content": entries}}
    one = Completion.decode({"choices": [choice]}).answer.logprobs
    legacy = {"tokens": [POINT[:9], POINT[9:]], "token_logprobs": [-1.0, -2.0], "text_offset": [0, 9]}
    assert Completion.decode({"choices": [choice | {"logprobs": legacy}]}).answer.logprobs == one
    legacy["token_logprobs"] = [None, -2.0]
    answer = Completion.decode({"choices": [choice | {"logprobs": legacy}]}).answer
    same(answer.logprobs.over(answer.document.spans[0]), (NAN, NAN))


def test_a_long_answer_is_linear():
    content = (POINT + "\n") * 20_000
    data = content.encode()
    tokens = [(data[at : at + 4], -1.0) for at in range(0, len(data), 4)]
    around = [(b"<|x|>", -5.0), (b" ", -5.0)] * 20_000
    answer, codes = decoded(content, around + tokens + around)
    assert codes == []
    same(answer.logprobs.over(answer.document.spans[-1]), (-1.0, -1.0))


def test_record_keeps_them(tmp_path):
    data = POINT.encode()
    completion = Completion.decode(body(POINT, [(data[:9], -1.0), (data[9:], -2.0)]))
    record(completion, tmp_path / "a.jsonl", key="a")
    (recording,) = read_recordings(tmp_path / "a.jsonl")
    assert recording.logprobs == completion.answer.logprobs
    same(read_table(tmp_path / "a.jsonl").min_logprob, [-2.0])


def test_a_dataset_keeps_them(tmp_path):
    """An importer, a choice of assets, and the dataset's own form in Parquet."""
    data = POINT.encode()
    bodies = {"a.png": body(POINT, [(data[:9], -1.0), (data[9:], -2.0)]), "b.png": body(POINT, [])}
    lines = [
        {"response": each, "assets": [{"file_name": name, "width": 9, "height": 9}]} for name, each in bodies.items()
    ]
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    dataset, _ = RecordingImporter().read(path)
    write_dataset_parquet(dataset, tmp_path / "a.parquet")
    for found in (dataset, dataset.take_assets(np.array([True, False])), read_dataset_parquet(tmp_path / "a.parquet")):
        same(found.table.min_logprob, [-2.0, NAN][: len(found)])
        assert -2 < found.table.mean_logprob[0] < -1
