"""What is known of the models: where they are served, what they take, and how much.

From the services' documentation as of 2026; nothing was checked against a live service.
"""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from .media import MediaKind


class Service(StrEnum):
    """Where a model is served."""

    PERCEPTRON = "perceptron"
    OPENROUTER = "openrouter"
    PERCEPTRON_CLOUD = "perceptron.cloud"


class Steering(StrEnum):
    """How a model is told what to point at, and whether to think."""

    VISION_CONFIG = "vision_config"
    """By fields of the request."""
    HINT = "hint"
    """By words in ``<hint>…</hint>`` of a system message."""


class ModelFacts(Struct, frozen=True, kw_only=True):
    """Facts of one model. Token counts are those that a request and its answer may have."""

    name: str
    services: tuple[Service, ...]
    steering: Steering
    modalities: tuple[MediaKind, ...]
    context_tokens: int
    #: Of the context; None where request and answer share it as they like.
    output_tokens: int | None
    #: Whether it can think before it answers, and look closer at parts of a picture.
    thinks: bool
    focuses: bool


MODELS = {
    model.name: model
    for model in (
        ModelFacts(
            name="perceptron-mk1",
            services=(Service.PERCEPTRON, Service.OPENROUTER),
            steering=Steering.VISION_CONFIG,
            modalities=(MediaKind.IMAGE, MediaKind.VIDEO),
            context_tokens=32_768,
            output_tokens=8_192,
            thinks=True,
            focuses=True,
        ),
        ModelFacts(
            name="isaac-0.2",
            services=(Service.PERCEPTRON,),
            steering=Steering.HINT,
            modalities=(MediaKind.IMAGE,),
            context_tokens=8_192,
            output_tokens=None,
            thinks=True,
            focuses=True,
        ),
        ModelFacts(
            name="isaac-0.1",
            services=(Service.PERCEPTRON,),
            steering=Steering.HINT,
            modalities=(MediaKind.IMAGE,),
            context_tokens=8_192,
            output_tokens=None,
            thinks=False,
            focuses=False,
        ),
    )
}


def model_facts(name: str) -> ModelFacts | None:
    """The facts of a model by its name, with or without the name of its maker before or of its variant behind."""
    bare = name.rsplit("/", 1)[-1].lower()
    for known in MODELS.values():
        if bare == known.name or bare.startswith((known.name + "-", known.name + ":")):
            return known
    return None
