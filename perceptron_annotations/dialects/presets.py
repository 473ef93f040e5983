"""The dialects of known models that answer in JSON, each with where its facts come from.

What was measured, by the agreement of answers with truth on 250 images, is that of ``roboflow/vlm-exam``: its
``src/vlm_exam/configs/models.yaml`` at commit 07d4445, with the prompts of its ``tasks/detection.py``.
"""

from __future__ import annotations

from ..geometry import AnnotationKind
from .dialect import Dialect, TaskPrompt
from .json_objects import JsonObjects
from .resizing import ResizeRule
from .scales import Order, PairOrder, Scale

_DATE = "2026-11-22"
_EXAM = "roboflow/vlm-exam models.yaml@07d4445, measured"
_OPENAI = "developers.openai.com, Images and vision: model sizing behavior; " + _EXAM
_CLAUDE = "platform.claude.com, Coordinates and bounding boxes; " + _EXAM
#: The keys of most prompts that were measured.
_BOX_2D = JsonObjects(box_key="box_2d")
_SIDES = ("x_min", "y_min", "x_max", "y_max")

QWEN2_5_VL = Dialect(
    name="qwen2.5-vl",
    surface=JsonObjects(),
    scale=Scale.pixels(ResizeRule.SMART_RESIZE_28),
    models=("*qwen2.5-vl*", "*qwen-2.5-vl*", "*qwen2_5-vl*", "*qwen2_5_vl*"),
    source="QwenLM/Qwen3-VL cookbooks, #676; qwen_vl_utils 0.0.14",
    date=_DATE,
)
QWEN3_VL = Dialect(
    name="qwen3-vl",
    surface=JsonObjects(),
    scale=Scale.grid(1000),
    models=("*qwen3-vl*", "*qwen-3-vl*", "*qwen3_vl*", "*qwen3.[5678]*", "*qwen-3.[5678]*"),
    source="QwenLM/Qwen3-VL cookbooks/spatial_understanding.ipynb@9658872, #1659, #1486; " + _EXAM,
    date=_DATE,
)
GEMINI = Dialect(
    name="gemini",
    surface=JsonObjects(box_key="box_2d", point_key="point", polygon_key="mask"),
    scale=Scale.grid(1000),
    order=Order.YXYX,
    point_order=PairOrder.YX,
    models=("*gemini-[23]*", "*gemini-flash*", "*gemini-pro*"),
    source="google-gemini/cookbook quickstarts/Spatial_understanding.ipynb@f1e7e3d; polygons with x first: "
    "supervision 0.31.2, from_google_gemini_3_6; " + _EXAM,
    date=_DATE,
)
GEMINI_ROBOTICS_ER = GEMINI.replace(
    name="gemini-robotics-er",
    polygon_order=PairOrder.YX,
    models=("*gemini-robotics*",),
    source="ai.google.dev/gemini-api/docs/robotics-overview",
)
GLM = Dialect(
    name="glm",
    surface=JsonObjects(keyed_by_second=True),
    scale=Scale.grid(1000),
    models=("*glm-5v*",),
    source="zai-org/GLM-V README@8fc9756 and skills/glmv-grounding; " + _EXAM,
    date=_DATE,
)
#: The same maker, and another contract: it was asked for y first.
GLM_FLASH = Dialect(
    name="glm-5.3-flash",
    surface=_BOX_2D,
    scale=Scale.grid(1000),
    order=Order.YXYX,
    point_order=PairOrder.YX,
    polygon_order=PairOrder.YX,
    models=("*glm-5.3-flash*",),
    source=_EXAM,
    date=_DATE,
)
CLAUDE = Dialect(
    name="claude",
    surface=_BOX_2D,
    scale=Scale.pixels(ResizeRule.CLAUDE),
    models=(
        *(f"*claude-{name}-5*" for name in ("fable", "haiku", "mythos", "opus", "sonnet")),
        *(f"*claude-opus-4[.-]{minor}*" for minor in (7, 8)),
    ),
    source=_CLAUDE,
    date=_DATE,
)
CLAUDE_STANDARD = CLAUDE.replace(
    name="claude-standard",
    scale=Scale.pixels(ResizeRule.CLAUDE_STANDARD),
    models=(
        "*claude-3*",
        "*claude-sonnet-4*",
        "*claude-haiku-4*",
        "*claude-opus-4",
        "*claude-opus-4[.-][0-6]",
        "*claude-opus-4[.-][0-6][@-]*",
        "*claude-opus-4[@-]20*",
    ),
    source="platform.claude.com, Coordinates and bounding boxes",
)
#: Nothing is resized with ``detail`` auto, but for images of over 65,535 pixels a side.
GPT = Dialect(
    name="gpt",
    surface=_BOX_2D,
    scale=Scale.pixels(),
    models=("*gpt-5.6*", "*gpt-6*"),
    source=_OPENAI,
    date=_DATE,
)
GPT_5_5 = GPT.replace(
    name="gpt-5.5", scale=Scale.pixels(ResizeRule.OPENAI_10000_PATCHES), models=("*gpt-5.5*",), source=_OPENAI
)
GPT_5_4 = GPT.replace(
    name="gpt-5.4", scale=Scale.pixels(ResizeRule.OPENAI_2500_PATCHES), models=("*gpt-5.4*",), source=_OPENAI
)
GPT_5_2 = GPT.replace(
    name="gpt-5.2",
    scale=Scale.pixels(ResizeRule.OPENAI_6144_PATCHES),
    models=("*gpt-5.2*", "*gpt-4.1-mini*"),
    source="developers.openai.com, Images and vision: model sizing behavior",
)
GPT_4O = GPT.replace(
    name="gpt-4o",
    scale=Scale.pixels(ResizeRule.OPENAI_TILES),
    models=("*gpt-4o*", "*gpt-4.1", "*gpt-4.1-20*", "*gpt-5.1*"),
    source="developers.openai.com, Images and vision: model sizing behavior",
)
GROK = Dialect(
    name="grok",
    surface=_BOX_2D,
    scale=Scale.percent(),
    models=("*grok-4.[567]*",),
    source=_EXAM,
    date=_DATE,
)
INKLING = GROK.replace(name="inkling", models=("*inkling*",))
KIMI_K2 = Dialect(
    name="kimi-k2.6",
    surface=_BOX_2D,
    scale=Scale.grid(1000),
    order=Order.YXYX,
    point_order=PairOrder.YX,
    polygon_order=PairOrder.YX,
    models=("*kimi-k2.6*",),
    source=_EXAM,
    date=_DATE,
)
KIMI_K3 = Dialect(
    name="kimi-k3", surface=_BOX_2D, scale=Scale.pixels(), models=("*kimi-k3*",), source=_EXAM, date=_DATE
)
MISTRAL = Dialect(
    name="mistral",
    surface=_BOX_2D,
    scale=Scale.grid(999),
    models=("*mistral-large-4*",),
    source=_EXAM,
    date=_DATE,
)
DEEPSEEK_V4 = Dialect(
    name="deepseek-v4",
    surface=_BOX_2D,
    scale=Scale.grid(1000),
    models=("*deepseek-v4*",),
    source=_EXAM,
    date=_DATE,
)
MIMO = DEEPSEEK_V4.replace(name="mimo", models=("*mimo-v2.6*",))
MUSE = Dialect(
    name="muse",
    surface=JsonObjects(side_keys=_SIDES),
    scale=Scale.grid(1000),
    models=("*muse-spark*", "*muse-glimmer*"),
    source=_EXAM,
    date=_DATE,
)
#: As the same models answer if asked for an object name and a list of boxes.
MUSE_NAMED = MUSE.replace(
    name="muse-object-name",
    surface=JsonObjects(box_key="bbox", side_keys=_SIDES, sides_in_list=True, label_key="object_name"),
    models=(),
    source="roboflow/vlm-exam src/vlm_exam/tasks/detection.py@0dc4924, a prompt of its own",
)
MINIMAX = Dialect(
    name="minimax",
    surface=JsonObjects(box_key="bbox"),
    scale=Scale.unit(),
    models=("*minimax-m3*",),
    source="the MiniMax M3 plugin of FiftyOne, prompts.py, from live use",
    date=_DATE,
)
COSMOS_REASON = Dialect(
    name="cosmos-reason",
    surface=JsonObjects(clip_keys=("start", "end"), label_key="label", clip_label_key="caption"),
    scale=Scale.grid(1000),
    models=("*cosmos-reason2*", "*cosmos3*", "*cosmos-3*"),
    source="nvidia-cosmos/cosmos-reason2 prompts (2d_grounding, temporal_localization); the Cosmos3 prompt guide",
    date=_DATE,
)
#: Its objects have no label, since the question names them; one that is written is read all the same.
MOONDREAM = Dialect(
    name="moondream",
    surface=JsonObjects(side_keys=_SIDES, axis_keys=("x", "y"), list_keys=("objects", "points")),
    scale=Scale.unit(decimals=4),
    prompts=(
        TaskPrompt(AnnotationKind.BOX, '/detect {"object": "{labels}"}'),
        TaskPrompt(AnnotationKind.POINT, '/point {"object": "{labels}"}'),
    ),
    models=("*moondream*",),
    source="docs.moondream.ai/skills: detect, point, segment",
    date=_DATE,
)
SHOWUI_ACTIONS = Dialect(
    name="showui-actions",
    surface=JsonObjects(point_key="position"),
    scale=Scale.unit(decimals=2),
    source="showlab/ShowUI QUICK_START.md (navigation)",
    date=_DATE,
)

PRESETS = (
    QWEN2_5_VL,
    QWEN3_VL,
    GEMINI,
    GEMINI_ROBOTICS_ER,
    GLM,
    GLM_FLASH,
    CLAUDE,
    CLAUDE_STANDARD,
    GPT,
    GPT_5_5,
    GPT_5_4,
    GPT_5_2,
    GPT_4O,
    GROK,
    INKLING,
    KIMI_K2,
    KIMI_K3,
    MISTRAL,
    DEEPSEEK_V4,
    MIMO,
    MUSE,
    MUSE_NAMED,
    MINIMAX,
    COSMOS_REASON,
    MOONDREAM,
    SHOWUI_ACTIONS,
)
