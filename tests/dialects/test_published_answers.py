"""The verbatim answers of other models that others published, read as their sources say.

They are other people's text, reached beside the repository and never committed.
"""

import re
from fnmatch import fnmatchcase

import pytest

import perceptron_annotations as pa
from benchmarks.dialects import contained, read_ours, scored
from benchmarks.published_answers import CONTRACTS
from perceptron_annotations.dialects.presets import PRESETS
from tests.corpora import ROOT, lines

SPEC = ROOT.parent / "shared" / "spec"
ANSWERS = lines(SPEC / "vlm_answers.jsonl") if (SPEC / "vlm_answers.jsonl").exists() else []
EXAMPLES = lines(SPEC / "dialect_examples.jsonl") if (SPEC / "dialect_examples.jsonl").exists() else []
PAGE = ROOT / "docs" / "reference" / "dialects.md"

#: A row of the table of the page: number, model, boxes of the other parser, ours, ours in salvage, outcome, reason.
_ROW = re.compile(r"^\| (\d+) \| (\S+) \| (\d+) \| (\d+) \| (\d+) \| (\w+) \| (.+) \|$", re.MULTILINE)


def read(answer, dialect, **options):
    size = answer.get("image_size") or (1000, 1000)
    return pa.parse(answer["answer"], dialect=dialect, image_size=size, **options)


def disagreements():
    """Where our count or outcome is not that of the other parser, as rows of the page have it."""
    for number, answer in enumerate(ANSWERS):
        contract = CONTRACTS[answer["coordinate_format"]]
        document, theirs = read(answer, contract), answer["num_predictions"]
        ours = len(document.boxes)
        if (ours, document.status) not in ((theirs, "ok"), (0, "empty")) or ours != theirs:
            salvaged = len(read(answer, contract, mode="salvage").boxes)
            yield str(number), answer["model"], str(theirs), str(ours), str(salvaged), str(document.status)


@pytest.mark.skipif(not ANSWERS, reason="the published answers are not beside the repository")
def test_every_disagreement_is_explained():
    """Of 101 answers, each with the number of boxes that another parser counted."""
    explained = _ROW.findall(PAGE.read_text(encoding="utf-8"))
    assert [row[:6] for row in explained] == list(disagreements())
    assert all(len(row[6]) > 20 for row in explained)
    assert f"{len(ANSWERS) - len(explained)} of {len(ANSWERS)}" in PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer["model"])
def test_the_preset_of_a_model_is_the_contract_that_was_measured(answer):
    (preset,) = (each for each in PRESETS if any(fnmatchcase(answer["model"], pattern) for pattern in each.models))
    by_contract, by_preset = read(answer, CONTRACTS[answer["coordinate_format"]]), read(answer, preset)
    assert by_preset.annotations == by_contract.annotations
    assert [issue.code for issue in by_preset.issues] == [issue.code for issue in by_contract.issues]
    assert not by_preset.truncated


#: What the examples in JSON say: the dialect, how many annotations, and the prose around them.
JSON_EXAMPLES = {
    1: ("qwen3-vl", 1, ""),
    2: ("qwen3-vl", 4, "json"),
    3: ("gemini", 4, ""),
    4: ("gemini", 3, ""),
    18: ("glm", 8, "\nThe list of cat breeds and their bounding box coordinates in the required JSON format is."),
}


@pytest.mark.skipif(not EXAMPLES, reason="the published examples are not beside the repository")
@pytest.mark.parametrize("number", JSON_EXAMPLES)
def test_the_examples_in_json(number):
    dialect, count, prose = JSON_EXAMPLES[number]
    document = pa.parse(EXAMPLES[number]["text"], dialect=dialect)
    assert (len(document.annotations), document.status, document.truncated) == (count, "ok", False)
    assert document.prose == prose
    assert all(each.mention for each in document.annotations)


@pytest.mark.skipif(not EXAMPLES, reason="the published examples are not beside the repository")
def test_mask_tokens_alone_are_told():
    (text,) = (each["text"] for each in EXAMPLES if each["dialect"] == "gemini-mask-tokens")
    assert [issue.code for issue in pa.parse(text, dialect="gemini").issues] == ["foreign_markup"]
    whole = pa.parse(f'[{{"box_2d": [1, 2, 3, 4], {text}, "label": "cat"}}]', dialect="gemini")
    assert (len(whole.boxes), whole.status) == (1, "ok")


def test_our_line_of_the_scoreboard():
    """Nothing is invented and nothing lost in silence; ``benchmarks.dialects`` runs others beside it."""
    answers = contained()
    score = scored(answers, [read_ours(answer, pa.Mode.LENIENT) for answer in answers])
    assert (score.read, score.boxes, score.invented, score.silent) == (len(answers), score.written, 0, 0)
