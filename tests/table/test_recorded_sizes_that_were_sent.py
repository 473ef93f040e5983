"""The size of an image that was sent is read by every reader, as it is recorded, and means nothing for the grid."""

import json

import pytest

from perceptron_annotations import read_recordings, read_table
from perceptron_annotations.completions import RecordedAsset
from perceptron_annotations.table import iter_recorded, write_parquet

pytestmark = pytest.mark.backend


@pytest.mark.parametrize("sent", [{}, {"sent_width": 400, "sent_height": 300}, {"sent_width": None}])
def test_every_reader_keeps_the_size_that_was_sent(tmp_path, sent):
    path = tmp_path / "answers.jsonl"
    asset = {"file_name": "a.jpg", "width": 1600, "height": 1200, **sent}
    line = {"key": "a.jpg", "text": "<point> (500,500) </point>", "assets": [asset]}
    path.write_text("\n".join([json.dumps(line)] * 3))
    wanted = RecordedAsset("a.jpg", 1600, 1200, sent.get("sent_width"), sent.get("sent_height"))
    assert [recording.assets for recording in read_recordings(path)] == [(wanted,)] * 3
    (recorded,) = iter_recorded(path)
    assert list(recorded.assets) == [(wanted,)] * 3
    assert read_table(path).responses.sizes.tolist() == [[1600, 1200]] * 3
    write_parquet(iter_recorded(path, texts=True), tmp_path / "answers.parquet")
    (stored,) = iter_recorded(tmp_path / "answers.parquet")
    assert list(stored.assets) == [(wanted,)] * 3
