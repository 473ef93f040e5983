"""Answers as other models write them, and as ours writes them without markup: JSON, tokens, tags with coordinates."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any, TypeAlias

_LABELS = ("cat", "traffic light", "person", "red car", "Straßenschild", "猫")
_MOST = 12

_Corners: TypeAlias = tuple[int, int, int, int]


def _boxes(rng: random.Random) -> list[tuple[str, _Corners]]:
    def corners() -> _Corners:
        return rng.randint(0, 500), rng.randint(0, 500), rng.randint(501, 999), rng.randint(501, 999)

    return [(rng.choice(_LABELS), corners()) for _ in range(rng.randint(1, _MOST))]


def _fenced(items: object) -> str:
    return f"```json\n{json.dumps(items, ensure_ascii=False, indent=2)}\n```"


def _qwen(rng: random.Random) -> str:
    return _fenced([{"bbox_2d": list(box), "label": label} for label, box in _boxes(rng)])


def _gemini(rng: random.Random) -> str:
    return json.dumps([{"box_2d": list(box), "label": label} for label, box in _boxes(rng)], ensure_ascii=False)


def _corners(rng: random.Random) -> str:
    items = [dict(zip(("x_min", "y_min", "x_max", "y_max"), box, strict=True)) for _, box in _boxes(rng)]
    return "Here is what I found:\n" + json.dumps(items)


def _paligemma(rng: random.Random) -> str:
    return " ; ".join("".join(f"<loc{value:04d}>" for value in box) + f" {label}" for label, box in _boxes(rng))


def _molmo(rng: random.Random) -> str:
    places = [(f"{box[0] / 10}", f"{box[1] / 10}") for _, box in _boxes(rng)]
    attributes = " ".join(f'x{number}="{x}" y{number}="{y}"' for number, (x, y) in enumerate(places, 1))
    return f'Counting: <points {attributes} alt="them">them</points> shows a total of {len(places)}.'


def _box_tokens(rng: random.Random) -> str:
    return "".join(
        f"<|object_ref_start|>{label}<|object_ref_end|><|box_start|>({x1},{y1}),({x2},{y2})<|box_end|>"
        for label, (x1, y1, x2, y2) in _boxes(rng)
    )


def _internvl(rng: random.Random) -> str:
    return " ".join(f"<ref>{label}</ref><box>[{list(box)}]</box>" for label, box in _boxes(rng))


def _cogvlm(rng: random.Random) -> str:
    return " and ".join(f"a {label} [[{','.join(f'{v:03d}' for v in box)}]]" for label, box in _boxes(rng)) + "."


def _click(rng: random.Random) -> str:
    return f"Thought: the button is there.\nAction: click(start_box='({rng.randint(0, 999)},{rng.randint(0, 999)})')"


def _escaped(rng: random.Random) -> str:
    return " ".join(
        f"&lt;point_box mention=&quot;{label}&quot;&gt; ({x1},{y1}) ({x2},{y2}) &lt;/point_box&gt;"
        for label, (x1, y1, x2, y2) in _boxes(rng)
    )


def _bare(rng: random.Random) -> str:
    return str([list(box) for _, box in _boxes(rng)])


def _our_json(rng: random.Random) -> str:
    return json.dumps({"annotations": [_item(label, box) for label, box in _boxes(rng)]}, ensure_ascii=False)


def _item(label: str, box: _Corners) -> dict[str, Any]:
    return {"type": "box", "mention": label} | dict(zip(("x1", "y1", "x2", "y2"), box, strict=True))


def _repr_form(rng: random.Random) -> str:
    items = [f"{{'point_box': ({a},{b}), ({c},{d}), 'label': '{label}'}}" for label, (a, b, c, d) in _boxes(rng)]
    return f"[{', '.join(items)}]"


#: By name, what draws an answer.
FOREIGN: dict[str, Callable[[random.Random], str]] = {
    "our JSON": _our_json,
    "our repr form": _repr_form,
    "Qwen's JSON": _qwen,
    "Gemini's JSON": _gemini,
    "JSON with sides": _corners,
    "PaliGemma": _paligemma,
    "Molmo": _molmo,
    "box tokens": _box_tokens,
    "InternVL": _internvl,
    "CogVLM": _cogvlm,
    "click": _click,
    "escaped markup": _escaped,
    "bare numbers": _bare,
}
