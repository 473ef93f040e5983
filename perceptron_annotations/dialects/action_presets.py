"""The dialects of models that use a screen, by actions with a place."""

from __future__ import annotations

from .actions import Actions
from .dialect import Dialect
from .resizing import ResizeRule
from .scales import Scale

UI_TARS = Dialect(
    name="ui-tars",
    surface=Actions(
        one="{action}(start_box='<|box_start|>({x},{y})<|box_end|>')",
        two="{action}(start_box='<|box_start|>({x},{y})<|box_end|>', end_box='<|box_start|>({x2},{y2})<|box_end|>')",
    ),
    scale=Scale.grid(1000),
    models=("*ui-tars-2b*", "*ui-tars-7b*", "*ui-tars-72b*", "*ui-tars-1.0*"),
    source="bytedance/UI-TARS codes/ui_tars/action_parser.py",
    date="2026-11-22",
)
UI_TARS_1_5 = Dialect(
    name="ui-tars-1.5",
    surface=Actions(
        one="{action}(point='<point>{x} {y}</point>')",
        two="{action}(start_point='<point>{x} {y}</point>', end_point='<point>{x2} {y2}</point>')",
    ),
    scale=Scale.pixels(ResizeRule.UI_TARS),
    models=("*ui-tars-1.5*",),
    source="bytedance/UI-TARS README_coordinates.md, codes/ui_tars/prompt.py",
    date="2026-11-22",
)
PYAUTOGUI = Dialect(
    name="pyautogui",
    surface=Actions(one="{action}(x={x}, y={y})", two="", action="pyautogui.click"),
    scale=Scale.unit(decimals=4),
    models=("*opencua*", "*aguvis*"),
    source="xlang-ai/OpenCUA README; xlang-ai/aguvis",
    date="2026-11-22",
)

ACTION_PRESETS = (UI_TARS, UI_TARS_1_5, PYAUTOGUI)
