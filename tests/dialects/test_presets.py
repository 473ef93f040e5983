"""Which model answers in which dialect: one for each name, and the facts behind it."""

import re
from fnmatch import fnmatchcase

import pytest

import perceptron_annotations as pa
from perceptron_annotations.dialects import Order, dialect_named, dialect_names
from perceptron_annotations.dialects.presets import PRESETS

#: Names as services and weights have them, those of roboflow/vlm-exam's ``models.yaml`` among them.
MODELS = {
    "qwen2.5-vl": ["Qwen/Qwen2.5-VL-7B-Instruct", "qwen/qwen-2.5-vl-72b-instruct"],
    "qwen3-vl": [
        "Qwen/Qwen3-VL-8B-Instruct",
        "qwen/qwen3-vl-235b-a22b-instruct",
        "qwen-3-vl-235b",
        "qwen/qwen3.5-27b",
        "qwen-3.6-27b",
        "qwen/qwen3.7-plus",
        "qwen3.8-max",
    ],
    "gemini": ["gemini-2.0-flash", "google/gemini-2.5-pro", "gemini-3-flash-preview", "gemini-3.8-flash"],
    "gemini-robotics-er": ["gemini-robotics-er-1.5-preview"],
    "glm": ["z-ai/glm-5v-turbo"],
    "glm-5.3-flash": ["z-ai/glm-5.3-flash"],
    "claude": [
        "claude-fable-5",
        "claude-fable-5-1",
        "anthropic/claude-sonnet-5.5",
        "claude-opus-5-5",
        "claude-opus-4-8",
        "anthropic/claude-opus-4.7",
    ],
    "claude-standard": [
        "claude-3-5-sonnet-20241022",
        "claude-3-opus-20240229",
        "anthropic/claude-sonnet-4.6",
        "claude-sonnet-4-5-20250929",
        "claude-haiku-4-5",
        "claude-opus-4",
        "claude-opus-4@20250514",
        "claude-opus-4-20250514",
        "claude-opus-4-1-20250805",
        "claude-opus-4-6",
    ],
    "gpt": ["gpt-5.6-sol", "openai/gpt-5.6-luna", "gpt-6-astra", "gpt-6.1-sol"],
    "gpt-5.5": ["gpt-5.5"],
    "gpt-5.4": ["gpt-5.4", "gpt-5.4-mini"],
    "gpt-5.2": ["gpt-5.2", "gpt-4.1-mini"],
    "gpt-4o": ["gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-4.1-2025-04-14", "gpt-5.1"],
    "grok": ["grok-4.5", "x-ai/grok-4.6", "grok-4.7"],
    "inkling": ["thinkingmachines/inkling"],
    "kimi-k2.6": ["moonshotai/kimi-k2.6"],
    "kimi-k3": ["moonshotai/kimi-k3"],
    "mistral": ["mistralai/mistral-large-4-0"],
    "deepseek-v4": ["deepseek/deepseek-v4-flash-vision-exp"],
    "mimo": ["xiaomi/mimo-v2.6-pro", "mimo-v2.6-flash"],
    "muse": ["meta/muse-spark-1.1", "muse-glimmer-30b"],
    "muse-object-name": [],
    "minimax": ["MiniMaxAI/MiniMax-M3"],
    "cosmos-reason": ["nvidia/Cosmos-Reason2-8B"],
    "moondream": ["moondream3.1-preview", "vikhyatk/moondream2"],
    "molmo": ["allenai/Molmo-7B-D-0924", "allenai/molmo-72b", "allenai/MolmoE-1B-0924"],
    "molmo2": ["allenai/Molmo2-8B", "allenai/molmo-2-8b:free"],
    "cogvlm": ["THUDM/cogvlm-grounding-generalist-hf", "THUDM/cogagent-9b-20241220"],
    "ferret": ["apple/ferret-13b"],
    "shikra": ["shikras/shikra-7b-delta-v1"],
    "robopoint": ["wentao-yuan/robopoint-v1-vicuna-v1.5-13b"],
    "robobrain2": ["BAAI/RoboBrain2.0-7B"],
    "showui": ["showlab/ShowUI-2B"],
    "showui-actions": [],
    "seed-vl": ["bytedance-seed/seed1.5-vl", "doubao-1-5-thinking-vision-pro-250428"],
    "fuyu": ["adept/fuyu-8b"],
    "ui-tars": ["ByteDance-Seed/UI-TARS-7B-DPO", "bytedance-research/UI-TARS-2B-SFT"],
    "ui-tars-1.5": ["ByteDance-Seed/UI-TARS-1.5-7B", "bytedance/ui-tars-1.5-7b"],
    "pyautogui": ["xlangai/OpenCUA-7B", "xlangai/Aguvis-7B-720P"],
}
#: Models of which nothing is known, or that answer in another form.
OTHERS = ["gpt-4", "qwen2-7b", "qwen3-32b", "gemini-1.5-pro", "glm-4.5", "kimi-k2", "mistral-large-3", "isaac-0.3"]


def test_every_preset_has_names_here():
    assert {dialect.name for dialect in PRESETS} <= set(MODELS) <= set(dialect_names())


@pytest.mark.parametrize(("name", "model"), [(name, model) for name, models in MODELS.items() for model in models])
def test_a_model_has_one_dialect(name, model):
    assert answering_as(model) == [name]


@pytest.mark.parametrize("model", OTHERS)
def test_other_models_have_none(model):
    assert answering_as(model) == []


def answering_as(model):
    known = map(dialect_named, dialect_names())
    return [each.name for each in known if any(fnmatchcase(model.lower(), pattern) for pattern in each.models)]


@pytest.mark.parametrize("dialect", [*map(dialect_named, dialect_names())], ids=lambda dialect: dialect.name)
def test_a_preset_says_where_it_comes_from(dialect):
    assert dialect.source
    assert re.fullmatch(r"20\d\d-\d\d-\d\d", dialect.date)
    assert dialect_named(dialect.name) is dialect
    assert all(pattern == pattern.lower() for pattern in dialect.models)


#: Left, top, right and bottom of a box in an image of 4000 × 2000 pixels: a tenth, a fifth, half and 60 % of the sides.
ANSWERS = {
    "qwen2.5-vl": '{"bbox_2d": [400.4, 397.6, 2002, 1192.8]}',
    "qwen3-vl": '{"bbox_2d": [100, 200, 500, 600]}',
    "gemini": '{"box_2d": [200, 100, 600, 500]}',
    "glm": '<|begin_of_box|>[{"bbox_2d": [100, 200, 500, 600]}]<|end_of_box|>',
    "glm-5.3-flash": '{"box_2d": [200, 100, 600, 500]}',
    "claude": '{"box_2d": [257.6, 257.6, 1288, 772.8]}',
    "claude-standard": '{"box_2d": [156.8, 156.8, 784, 470.4]}',
    "gpt": '{"box_2d": [400, 400, 2000, 1200]}',
    "gpt-5.5": '{"box_2d": [400, 400, 2000, 1200]}',
    "gpt-5.4": '{"box_2d": [204.8, 204.8, 1024, 614.4]}',
    "grok": '{"box_2d": [10.0, 20.0, 50.0, 60.0]}',
    "kimi-k2.6": '{"box_2d": [200, 100, 600, 500]}',
    "kimi-k3": '{"box_2d": [400, 400, 2000, 1200]}',
    "mistral": '{"box_2d": [99.9, 199.8, 499.5, 599.4]}',
    "muse": '{"x_min": 100, "y_min": 200, "x_max": 500, "y_max": 600}',
    "muse-object-name": '{"bbox": [{"x_min": 100, "y_min": 200, "x_max": 500, "y_max": 600}]}',
    "minimax": '{"bbox": [0.1, 0.2, 0.5, 0.6]}',
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_contract_of_a_preset(name):
    document = pa.parse(ANSWERS[name], dialect=name, image_size=(4000, 2000))
    assert (document.boxes[0].to(pa.Frame.UNIT).xyxy, document.prose) == (pytest.approx((0.1, 0.2, 0.5, 0.6)), "")


def test_the_same_key_has_both_orders():
    assert {dialect_named(name).order for name in ("gemini", "mistral")} == {Order.YXYX, Order.XYXY}
