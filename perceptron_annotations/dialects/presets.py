"""The dialects of known models, each with where its facts come from."""

from __future__ import annotations

from .dialect import Dialect
from .json_objects import JsonObjects
from .resizing import ResizeRule
from .scales import Order, PairOrder, Scale

QWEN2_5_VL = Dialect(
    name="qwen2.5-vl",
    surface=JsonObjects(),
    scale=Scale.pixels(ResizeRule.SMART_RESIZE_28),
    models=("*qwen2.5-vl*", "*qwen-2.5-vl*"),
    source="QwenLM/Qwen2.5-VL cookbooks; qwen_vl_utils.smart_resize",
    date="2026-11-21",
)
QWEN3_VL = Dialect(
    name="qwen3-vl",
    surface=JsonObjects(),
    scale=Scale.grid(1000),
    models=("*qwen3-vl*", "*qwen-3-vl*", "*qwen3.5*", "*qwen3.6*", "*qwen3.7*", "*qwen3.8*"),
    source="QwenLM/Qwen3-VL cookbooks/spatial_understanding.ipynb; Qwen3-VL#1659, #1486",
    date="2026-11-21",
)
GEMINI = Dialect(
    name="gemini",
    surface=JsonObjects(box_key="box_2d", point_key="point"),
    scale=Scale.grid(1000),
    order=Order.YXYX,
    point_order=PairOrder.YX,
    polygon_order=PairOrder.YX,
    models=("*gemini*",),
    source="google-gemini/cookbook quickstarts/Spatial_understanding.ipynb; ai.google.dev/gemini-api/docs",
    date="2026-11-21",
)

PRESETS = (QWEN2_5_VL, QWEN3_VL, GEMINI)
