"""Facts of the models: where they are served, what input they take, and their limits.

They are from the documentation of the services in 2026; none was checked against a live service.
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
    """How a request says what a model is to point with, and whether it is to think."""

    VISION_CONFIG = "vision_config"
    """By fields of the request."""
    HINT = "hint"
    """By words in ``<hint>…</hint>`` of a system message."""


class ModelFacts(Struct, frozen=True, kw_only=True):
    """Facts of one model. The token counts are limits for a request and its answer."""

    name: str
    services: tuple[Service, ...]
    steering: Steering
    modalities: tuple[MediaKind, ...]
    context_tokens: int
    #: The part of the context that an answer may fill; None if request and answer share it freely.
    output_tokens: int | None
    #: Whether it can think before it answers.
    thinks: bool
    #: Whether it can look closer at parts of an image.
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
    """The facts of a model by its name; None if nothing is known of it.

    The name may have the maker before it and a variant after it.

    >>> pa.completions.model_facts("perceptron/perceptron-mk1:free").context_tokens
    32768
    """
    bare = name.rsplit("/", 1)[-1].lower()
    for known in MODELS.values():
        if bare == known.name or bare.startswith((known.name + "-", known.name + ":")):
            return known
    return None
