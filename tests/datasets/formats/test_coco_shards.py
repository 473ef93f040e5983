"""COCO in shards: one is written by a thread, while the next one is read (issue 18, item 6)."""

import json
import os
import sys
import threading
from pathlib import Path

import pytest

from perceptron_annotations.datasets import DatasetAsset, boxes_dataset, write_coco
from perceptron_annotations.datasets.formats.coco import instances
from perceptron_annotations.errors import FileError

COUNT = 400


def shard(number):
    image = DatasetAsset(file_name=f"{number}.png", width=640, height=480)
    boxes = [[number, row, number + 1, row + 2] for row in range(COUNT)]
    return boxes_dataset([image], ["cat"], [0] * COUNT, boxes, [0] * COUNT)


@pytest.fixture
def writers(monkeypatch):
    """The threads in which annotations were written, and made."""
    found, texts = [], instances.annotation_texts

    def noted(objects):
        found.append(threading.current_thread())
        return texts(objects)

    monkeypatch.setattr(instances, "annotation_texts", noted)
    return found


def test_shards_are_written_in_order(tmp_path, writers):
    makers = []

    def shards():
        for number in range(7):
            makers.append(threading.current_thread())
            yield shard(number)

    report = write_coco(shards(), tmp_path / "a.json")
    written = json.loads((tmp_path / "a.json").read_text())["annotations"]
    assert report.objects == len(written) == 7 * COUNT
    assert [each["bbox"] for each in written] == [[number, row, 1, 2] for number in range(7) for row in range(COUNT)]
    assert [each["id"] for each in written] == list(range(1, 7 * COUNT + 1))
    assert set(makers) == {threading.main_thread()}  # whatever a caller gave is called where it was given
    assert len(set(writers)) == 1
    assert threading.main_thread() not in writers


def test_what_fails_while_a_shard_is_read_or_written_leaves_no_file(tmp_path, monkeypatch):
    def failing():
        yield shard(0)
        yield shard(1)
        raise ValueError("the third")

    with pytest.raises(ValueError, match="the third"):
        write_coco(failing(), tmp_path / "a.json")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(instances, "annotation_texts", full)
    with pytest.raises(FileError, match="No space left"):
        write_coco(map(shard, range(5)), tmp_path / "a.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_ends_it(writers):
    taken = []

    def shards():
        for number in range(50):
            taken.append(number)
            yield shard(number)

    with pytest.raises(FileError, match="No space left"):
        write_coco(shards(), "/dev/full")
    assert len(taken) <= 4  # and not only when all was read


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe with a name")
def test_a_pipe_is_written_to_by_the_thread_that_signals_end(tmp_path, writers):
    path, read = tmp_path / "pipe", []
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: read.append(path.read_bytes()))
    reader.start()
    write_coco(map(shard, range(3)), path)
    reader.join()
    assert len(json.loads(read[0])["annotations"]) == 3 * COUNT
    assert set(writers) == {threading.main_thread()}
