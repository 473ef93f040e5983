"""The dialects of models that write geometry in tokens of their own, each with where its facts come from."""

from __future__ import annotations

from ..geometry import AnnotationKind
from .bracket_bodies import CornerPairs
from .dialect import Dialect, TaskPrompt
from .final_answer import FinalAnswer
from .json_objects import JsonObjects
from .location_tokens import LocationTokens, TokenLabel
from .patch_indices import PatchIndices
from .scales import Order, Scale
from .tagged_pairs import TaggedPairs

_DATE = "2026-11-22"

PALIGEMMA = Dialect(
    name="paligemma",
    surface=LocationTokens(prefix="<loc", digits=4, label=TokenLabel.AFTER, data=("<seg", 16)),
    scale=Scale.bins(1024),
    prompts=(TaskPrompt(AnnotationKind.BOX, "detect {labels}", between=" ; "),),
    order=Order.YXYX,
    models=("*paligemma*",),
    source="google-research/big_vision configs/proj/paligemma; arXiv 2407.07726, B.2; supervision from_paligemma",
    date=_DATE,
)

_FLORENCE_TOKENS = LocationTokens(polygon=("<poly>", "<sep>", "</poly>"))
FLORENCE_2 = Dialect(
    name="florence-2",
    surface=_FLORENCE_TOKENS,
    scale=Scale.bins(1000, at="centre"),
    prompts=(
        TaskPrompt(AnnotationKind.BOX, "<CAPTION_TO_PHRASE_GROUNDING>{labels}", between=". "),
        TaskPrompt(AnnotationKind.POLYGON, "<REFERRING_EXPRESSION_SEGMENTATION>{labels}"),
    ),
    models=("*florence-2*",),
    source="transformers 5.23 models/florence2/processing_florence2.py, dequantize: (bin + 0.5) * size / bins",
    date=_DATE,
)
FLORENCE_2_EDGE = FLORENCE_2.replace(
    name="florence-2-edge",
    scale=Scale.bins(1000),
    models=(),
    source="supervision 0.31 detection/vlm.py, from_florence_2: bin * size / 1000",
)
#: ``<OCR_WITH_REGION>``: eight tokens are four corners, which nothing but the task says.
FLORENCE_2_OCR = FLORENCE_2.replace(
    name="florence-2-ocr",
    prompts=(TaskPrompt(AnnotationKind.POLYGON, "<OCR_WITH_REGION>"),),
    surface=LocationTokens(count=8, polygon=_FLORENCE_TOKENS.polygon),
    models=(),
)
#: ``<REFERRING_EXPRESSION_SEGMENTATION>`` and ``<REGION_TO_SEGMENTATION>``: all tokens in a row are one polygon.
FLORENCE_2_SEGMENTATION = FLORENCE_2.replace(
    name="florence-2-segmentation",
    prompts=(TaskPrompt(AnnotationKind.POLYGON, "<REFERRING_EXPRESSION_SEGMENTATION>{labels}"),),
    surface=LocationTokens(count=None, polygon=_FLORENCE_TOKENS.polygon),
    models=(),
)

QWEN2_VL = Dialect(
    name="qwen2-vl",
    surface=TaggedPairs(
        label=("<|object_ref_start|>", "<|object_ref_end|>"),
        box=("<|box_start|>", "<|box_end|>"),
        polygon=("<|quad_start|>", "<|quad_end|>"),
        inner=CornerPairs(),
    ),
    scale=Scale.grid(1000),
    models=("*qwen2-vl*", "*qwen-2-vl*"),
    source="ms-swift docs/source_en/Customization/Custom-dataset.md; QwenLM/Qwen3-VL#733",
    date=_DATE,
)
#: What is left of it if special tokens are skipped when the answer is decoded, as most services do.
QWEN2_VL_TEXT = QWEN2_VL.replace(
    name="qwen2-vl-text", surface=LocationTokens(prefix="(", pair=(",", ")"), joint=","), models=()
)

DEEPSEEK_VL2 = Dialect(
    name="deepseek-vl2",
    surface=TaggedPairs(label=("<|ref|>", "<|/ref|>"), box=("<|det|>", "<|/det|>")),
    scale=Scale.grid(999),
    prompts=(TaskPrompt(AnnotationKind.BOX, "<|ref|>{labels}<|/ref|>."),),
    models=("*deepseek-vl2*",),
    source="deepseek-ai/DeepSeek-VL2 README and deepseek_vl2/serve/app_modules/utils.py: / 999",
    date=_DATE,
)

INTERNVL = Dialect(
    name="internvl",
    surface=TaggedPairs(),
    scale=Scale.grid(1000),
    models=("*internvl*",),
    source="OpenGVLab/InternVL streamlit_demo/app.py: / 1000",
    date=_DATE,
)

GLM_V = Dialect(
    name="glm-v",
    surface=TaggedPairs(
        label=None,
        box=None,
        anything=("<|begin_of_box|>", "<|end_of_box|>"),
        inner=FinalAnswer(),
        outside=JsonObjects(),
    ),
    scale=Scale.grid(1000),
    models=("*glm-4.1v*", "*glm-4.5v*", "*glm-4.6v*"),
    source="zai-org/GLM-V README: the style of brackets may vary",
    date=_DATE,
)

KOSMOS_2 = Dialect(
    name="kosmos-2",
    surface=TaggedPairs(
        label=("<phrase>", "</phrase>"), is_caption=True, box=("<object>", "</object>"), inner=PatchIndices(side=32)
    ),
    scale=Scale.grid(32, decimals=6),
    prompts=(TaskPrompt(AnnotationKind.BOX, "<grounding><phrase> {labels}</phrase>", between="</phrase><phrase> "),),
    models=("*kosmos-2*",),
    source="transformers 5.23 models/kosmos2/processing_kosmos2.py, patch_index_to_coordinate",
    date=_DATE,
)

DOCTAGS = Dialect(
    name="doctags",
    surface=LocationTokens(label=TokenLabel.TAG),
    scale=Scale.grid(500),
    models=("*smoldocling*", "*granite-docling*"),
    source="docling-project/docling-core types/doc/tokens.py: 500 parts of each side",
    date=_DATE,
)

TOKEN_PRESETS = (
    PALIGEMMA,
    FLORENCE_2,
    FLORENCE_2_EDGE,
    FLORENCE_2_OCR,
    FLORENCE_2_SEGMENTATION,
    QWEN2_VL,
    QWEN2_VL_TEXT,
    DEEPSEEK_VL2,
    INTERNVL,
    GLM_V,
    KOSMOS_2,
    DOCTAGS,
)
