"""``evaluate`` opens each of its files once, whatever they hold."""

import json

from tests.corpora import ROOT
from tests.datasets.test_opens import VERB, opened

EXAMPLES = ROOT / "examples" / "evaluate"


def copied(folder):
    for name in ("small.jsonl", "large.jsonl", "truth.json"):
        (folder / name).write_bytes((EXAMPLES / name).read_bytes())
    return folder


def test_answers_and_truth_are_opened_once(tmp_path):
    folder = copied(tmp_path)
    options = (
        "--truth",
        folder / "truth.json",
        "--compare",
        folder / "large.jsonl",
        "--by",
        "model",
        "--task",
        "counting",
    )
    found = opened(folder, VERB, "evaluate", folder / "small.jsonl", *options)
    assert found == {"small.jsonl": 1, "large.jsonl": 1, "truth.json": 1}


def test_coco_results_and_their_truth_are_opened_once(tmp_path):
    """AP comes from the files themselves, which are read already."""
    folder = copied(tmp_path)
    keys = ("image_id", "category_id", "bbox")
    entries = json.loads((folder / "truth.json").read_bytes())["annotations"]
    results = [{key: each[key] for key in keys} | {"score": 1 / (1 + number)} for number, each in enumerate(entries)]
    (folder / "results.json").write_text(json.dumps(results))
    found = opened(folder, VERB, "evaluate", folder / "results.json", "--truth", folder / "truth.json")
    assert found == {"results.json": 1, "truth.json": 1}
