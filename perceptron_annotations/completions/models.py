"""Facts of the models: where they are served, what input they take, and their limits.

They are from the documentation of the services and from Perceptron's Python SDK 0.4.0 (September 2026); none was
checked against a live service. What neither states is None here, and then nothing is refused.
"""

from __future__ import annotations

from difflib import get_close_matches
from enum import StrEnum

from msgspec import Struct

from ..errors import UsageError
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


class Ability(StrEnum):
    """What becomes of something that a request asks for."""

    YES = "yes"
    """The model does it."""
    IGNORED = "ignored"
    """The service takes it, and nothing comes of it."""
    DEPRECATED = "deprecated"
    """The service takes it, and asks for something else in its place."""
    REFUSED = "refused"
    """The service refuses the request."""


class ModelFacts(Struct, frozen=True, kw_only=True):
    """Facts of one model. The token counts are limits for a request and its answer.

    >>> pa.completions.model_facts("perceptron-mk1").most_output_tokens
    8192
    """

    #: Its id at Perceptron. At OpenRouter it has ``perceptron/`` before it.
    name: str
    services: tuple[Service, ...]
    steering: Steering
    #: None if that is not documented.
    modalities: tuple[MediaKind, ...] | None = None
    context_tokens: int | None = None
    #: The part of the context that an answer may fill; None if request and answer share it freely.
    output_tokens: int | None = None
    #: Thinking before it answers, by a switch; ``reasoning_effort`` is apart from it.
    thinking: Ability = Ability.YES
    #: Looking closer at parts of an image.
    focus: Ability = Ability.YES
    #: Whether it answers several prompts about the same media in one request.
    multilook: bool = False

    @property
    def most_output_tokens(self) -> int | None:
        """The most that an answer may have, None if that is not documented."""
        return self.output_tokens or self.context_tokens


_ISAAC_0_2 = ModelFacts(
    name="isaac-0.2-2b-preview",
    services=(Service.PERCEPTRON,),
    steering=Steering.HINT,
    modalities=(MediaKind.IMAGE,),
    context_tokens=8_192,
)

#: By their ids at Perceptron.
MODELS = {
    model.name: model
    for model in (
        ModelFacts(
            name="perceptron-mk1.5",
            services=(Service.PERCEPTRON, Service.OPENROUTER),
            steering=Steering.VISION_CONFIG,
            modalities=(MediaKind.IMAGE, MediaKind.VIDEO, MediaKind.AUDIO),
            thinking=Ability.DEPRECATED,
            focus=Ability.REFUSED,
            multilook=True,
        ),
        ModelFacts(
            name="perceptron-mk1",
            services=(Service.PERCEPTRON, Service.OPENROUTER),
            steering=Steering.VISION_CONFIG,
            modalities=(MediaKind.IMAGE, MediaKind.VIDEO),
            context_tokens=32_768,
            output_tokens=8_192,
            multilook=True,
        ),
        # Only its id is documented; that it takes hints is what all other Isaac models do.
        ModelFacts(name="isaac-0.3-fast", services=(Service.PERCEPTRON,), steering=Steering.HINT),
        _ISAAC_0_2,
        ModelFacts(
            name="isaac-0.2-1b",
            services=_ISAAC_0_2.services,
            steering=_ISAAC_0_2.steering,
            modalities=_ISAAC_0_2.modalities,
            context_tokens=_ISAAC_0_2.context_tokens,
        ),
        ModelFacts(
            name="isaac-0.1",
            services=(Service.PERCEPTRON,),
            steering=Steering.HINT,
            modalities=(MediaKind.IMAGE,),
            context_tokens=8_192,
            thinking=Ability.IGNORED,
            focus=Ability.IGNORED,
        ),
    )
}
#: Ids that the service does not resolve any more, and their new names.
_RENAMED = {"perceptron-mk1.5-preview": "perceptron-mk1.5"}
_OPENROUTER_PREFIX = "perceptron/"


def model_facts(name: str) -> ModelFacts | None:
    """The facts of a model by its id at Perceptron or at OpenRouter, in any case; None if nothing is known of it.

    >>> pa.completions.model_facts("perceptron/perceptron-mk1:free").context_tokens
    32768
    """
    bare = name.lower().removeprefix(_OPENROUTER_PREFIX).partition(":")[0]
    return MODELS.get(bare)


def is_known_id(name: str, service: Service) -> bool:
    """Whether a service documents a model by exactly this id; OpenRouter's variants (``:free``) are the same model."""
    prefix = _OPENROUTER_PREFIX if service is Service.OPENROUTER else ""
    bare = name.partition(":")[0] if service is Service.OPENROUTER else name
    facts = MODELS.get(bare.removeprefix(prefix))
    return facts is not None and bare == prefix + facts.name and service in facts.services


def similar_id(name: str, service: Service) -> str | None:
    """The id at a service that is most like ``name``, if any is."""
    prefix = _OPENROUTER_PREFIX if service is Service.OPENROUTER else ""
    ids = [prefix + model.name for model in MODELS.values() if service in model.services]
    wanted = prefix + name.lower().rpartition("/")[2]
    begun = sorted((each for each in ids if each.startswith(wanted)), key=lambda each: each != wanted)
    return next(iter(begun or get_close_matches(wanted, ids, n=1, cutoff=0.7)), None)


def refuse_renamed(name: str) -> None:
    """Raise ``UsageError`` for an id that a service does not resolve any more."""
    old = name.removeprefix(_OPENROUTER_PREFIX)
    if old in _RENAMED:
        raise UsageError(f"the model {old} was renamed: use {name.replace(old, _RENAMED[old])!r}")
