"""Answers as files of recordings have them, for the tests of pages."""

import json

from perceptron_annotations.evaluation import ReadingOptions, read_predictions

MIXED = {
    "boxes.jpg": 'Left a <point_box mention="cat"> (100,100) (400,500) </point_box>, right a '
    '<point_box mention="dog"> (600,100) (900,500) </point_box>.',
    "points.jpg": '<collection mention="cups"> <point> (100,100) </point> <point> (500,900) </point> </collection>',
    "partial.jpg": 'A <point_box mention="cat"> (1,1) (90,90) </point_box> and <point> 1.5 </point>',
    "unreadable.jpg": "<point> x </point>",
    "empty.jpg": "There is nothing here.",
    "thought.jpg": '<think>Is it a cat?</think>Yes: <point mention="cat"> (5000,20) </point>',
    "film.mp4": '<clip mention="goal" t="2 seconds 5 seconds"></clip> then <track mention="ball"> '
    '<point t="1 seconds"> (10,10) </point> <point t="3 seconds"> (500,500) </point> </track>',
}


def line(name, text, *, model="mine", prompt="What is there?", asset=None, **message):
    """A line of a file of recordings."""
    message = {"role": "assistant", "content": text, **message}
    response = {"id": name, "model": model, "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    asset = {"file_name": name, "width": 640, "height": 480} | (asset or {})
    request = {"messages": [{"role": "user", "content": prompt}]}
    return json.dumps({"response": response, "request": request, "assets": [asset]})


def predictions(path, lines, truth=None):
    """What a file with these lines says, read with all that a page shows."""
    path.write_text("\n".join(lines), encoding="utf-8")
    return read_predictions(path, truth, ReadingOptions(fields=("model", "reasoning")))


def mixed(folder):
    """Answers of each outcome and kind."""
    return predictions(folder / "mixed.jsonl", [line(name, text) for name, text in MIXED.items()])
