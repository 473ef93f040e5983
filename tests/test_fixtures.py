"""The authored recordings, against the answers that were worked out by hand from the grammar beside them."""

from pathlib import Path

import pytest

from perceptron_annotations import IssueCode, Recording, read_recordings
from perceptron_annotations.issues import CATALOG
from tests import corpora

pytestmark = pytest.mark.backend

FILES = sorted((corpora.ROOT / "fixtures").glob("*.jsonl"))
PROBLEMS = []
RECORDINGS = [recording for path in FILES for recording in read_recordings(path, on_problem=PROBLEMS.append)]
EXPECTED = {
    (line["key"], line["choice"]): line for line in corpora.lines(Path(__file__).parent / "corpus" / "fixtures.jsonl")
}


@pytest.mark.parametrize("recording", RECORDINGS, ids=lambda recording: recording.key)
def test_answer(recording):
    document = recording.document()
    assert EXPECTED[recording.key, recording.choice] == {
        "key": recording.key,
        "choice": recording.choice,
        "points": len(document.points),
        "boxes": len(document.boxes),
        "polygons": len(document.polygons),
        "clips": len(document.clips),
        "tracks": len(document.tracks),
        "collections": len(document.collections),
        "errors": sorted(issue.code.value for issue in document.issues if CATALOG[issue.code].in_sdk),
        "status": document.status.value,
        "truncated": document.truncated,
    }


def test_there_are_enough_and_all_are_expected():
    keys = {(recording.key, recording.choice) for recording in RECORDINGS}
    assert keys == set(EXPECTED)
    assert len(keys) >= 60
    assert len(PROBLEMS) == 8


def test_every_code_of_the_sdk_is_among_them():
    seen = {code for line in EXPECTED.values() for code in line["errors"]}
    assert seen == {code.value for code in IssueCode if CATALOG[code].in_sdk}


def test_real_outputs():
    """Answers that others published, read from beside the repository; their text is not ours to keep."""
    if not corpora.REAL:
        pytest.skip(f"the answers that others published are not here: {corpora.REAL_OUTPUTS}")
    for line in corpora.lines(corpora.REAL_OUTPUTS):
        (text,) = [line["text"]]
        recording = Recording(key=line["id"], text=text)
        document = recording.document(mode="strict")
        for box, pixels in zip(document.boxes, line.get("pixel_boxes", ()), strict=False):
            sized = box.to(box.frame.pixels(*line["image_size"]))
            assert [round(number) for number in sized.xyxy] == pixels
