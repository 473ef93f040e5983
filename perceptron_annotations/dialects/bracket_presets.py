"""The dialects of models that write numbers in brackets, or in tags, in the midst of their prose."""

from __future__ import annotations

from .bracket_numbers import BracketLabel, BracketNumbers, Brackets
from .dialect import Dialect
from .scales import Order, Scale

COGVLM = Dialect(
    name="cogvlm",
    surface=BracketNumbers(boxes=Brackets("[[", "]]", between=";"), digits=3, label=BracketLabel.WORDS),
    scale=Scale.grid(1000),
    models=("*cogvlm*", "*cogagent*"),
    source="THUDM/CogVLM README (grounding, grounded operation)",
    date="2026-11-22",
)
FERRET = Dialect(
    name="ferret",
    surface=BracketNumbers(boxes=Brackets("[", "]"), separator=", ", label=BracketLabel.WORDS),
    scale=Scale.grid(1000),
    models=("*ferret*",),
    source="apple/ml-ferret ferret/conversation.py",
    date="2026-11-22",
)
SHIKRA = Dialect(
    name="shikra",
    surface=BracketNumbers(
        boxes=Brackets("[", "]", between=";"), points=Brackets("(", ")", between=";"), label=BracketLabel.WORDS
    ),
    scale=Scale.unit(decimals=3),
    models=("*shikra*",),
    source="shikras/shikra mllm/dataset/process_function/box_process_function.py",
    date="2026-11-22",
)
_TUPLES = BracketNumbers(points=Brackets("[(", ")]", between="), ("), separator=", ")
ROBOPOINT = Dialect(
    name="robopoint",
    surface=_TUPLES,
    scale=Scale.unit(decimals=3),
    models=("*robopoint*",),
    source="wentaoyuan/RoboPoint README",
    date="2026-11-22",
)
ROBOBRAIN2 = Dialect(
    name="robobrain2",
    surface=_TUPLES,
    scale=Scale.pixels(),
    models=("*robobrain*",),
    source="FlagOpen/RoboBrain2.0 README",
    date="2026-11-22",
)
SHOWUI = Dialect(
    name="showui",
    surface=BracketNumbers(points=Brackets("[", "]"), separator=", "),
    scale=Scale.unit(decimals=2),
    models=("*showui*",),
    source="showlab/ShowUI QUICK_START.md",
    date="2026-11-22",
)
SEED_VL = Dialect(
    name="seed-vl",
    surface=BracketNumbers(boxes=Brackets("<bbox>", "</bbox>"), points=Brackets("<point>", "</point>"), separator=" "),
    scale=Scale.grid(1000),
    models=("*seed1.5-vl*", "*seed-1.5-vl*", "*seed-vl*", "*doubao*vision*"),
    source="bytedance/UI-TARS codes/ui_tars/action_parser.py",
    date="2026-11-22",
)
FUYU = Dialect(
    name="fuyu",
    surface=BracketNumbers(boxes=Brackets("<box>", "</box>"), points=Brackets("<point>", "</point>"), separator=", "),
    order=Order.YXYX,
    scale=Scale.pixels(),
    models=("*fuyu-8b*",),
    source="transformers models/fuyu/processing_fuyu.py, post_process_box_coordinates: pixels of the original image",
    date="2026-11-22",
)

BRACKET_PRESETS = (COGVLM, FERRET, SHIKRA, ROBOPOINT, ROBOBRAIN2, SHOWUI, SEED_VL, FUYU)
