"""Server-sent events: the rules of the standard, one by one, and any cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perceptron_annotations.completions.sse import SSEDecoder, SSEEvent
from perceptron_annotations.errors import EnvelopeError


def decode(*chunks):
    decoder = SSEDecoder()
    return [event for chunk in chunks for event in decoder.feed(chunk)] + decoder.close()


@pytest.mark.documented("Perceptron", "`stream: true` answers with server-sent events")
@pytest.mark.documented(
    "OpenRouter",
    "Comments such as `: OPENROUTER PROCESSING` keep a stream alive, and are not data",
)
@pytest.mark.parametrize(
    ("stream", "wanted"),
    [
        (b"data: a\n\ndata:b\r\n\r\ndata:  c\r\r", ["a", "b", " c"]),
        (b"data: a\ndata: b\n\n", ["a\nb"]),  # lines of one event are joined
        (b"data\n\n", [""]),
        (b": comment\n\nretry: 5\nfoo: x\ndata: a\n\n", ["a"]),
        (b"event: x\n\ndata: a\n\n", ["a"]),  # an event without data is none
        (b"\xef\xbb\xbfdata: a\n\n", ["a"]),
        ("data: a\u2028b\u0085c\n\n".encode(), ["a\u2028b\u0085c"]),
        (b"data: \xff\n\n", ["\ufffd"]),
        (b"data: a\n\ndata: cut", ["a"]),
        (b"data: a\n\ndata: not ended\n", ["a"]),
        (b"data: [DONE]", ["[DONE]"]),
        (b"data:[DONE]\r", ["[DONE]"]),
        (b"", []),
    ],
)
def test_rules(stream, wanted):
    assert [event.data for event in decode(stream)] == wanted
    assert [event.data for event in decode(*(bytes([byte]) for byte in stream))] == wanted


def test_names():
    assert decode(b"event: e\nid: 7\ndata: x\n\ndata: y\n\n") == [SSEEvent("x", "e", "7"), SSEEvent("y", None, "7")]


def test_the_end_tells_of_a_cut():
    decoder = SSEDecoder()
    decoder.feed(b"data: a")
    decoder.close()
    assert decoder.cut


def test_an_endless_event_is_refused():
    decoder = SSEDecoder(max_event_bytes=100)
    with pytest.raises(EnvelopeError, match="longer than 100 bytes"):
        decoder.feed(b"data: " + b"x" * 200)
    decoder = SSEDecoder(max_event_bytes=100)
    with pytest.raises(EnvelopeError, match="longer than 100 bytes"):
        decoder.feed(b"data: x\n" * 50)
    decoder = SSEDecoder(max_event_bytes=100)
    for _ in range(50):
        assert decoder.feed(b": a comment\n") == []


lines = st.lists(st.sampled_from([b"data: a", b"data:", b"", b"id: 1", b": c", "data: é\u2028".encode()]), max_size=12)


@given(lines, st.sampled_from([b"\n", b"\r\n", b"\r"]), st.data())
def test_any_cut(rows, end, data):
    """“Bytes in any chunking → events”, UTF-8 and line ends split anywhere."""
    stream = b"".join(row + end for row in rows)
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    cut = [stream[start:stop] for start, stop in zip([0, *places], [*places, len(stream)], strict=True)]
    assert decode(*cut) == decode(stream)
