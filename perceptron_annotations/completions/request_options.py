"""What every request may say, whatever its form: media, how to answer, and how to sample. All of it is checked here.

Values are checked by type and by their documented ranges when a request is made, so that nothing wrong is ever sent.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from numbers import Integral, Real
from typing import Any, NamedTuple, TypeAlias

import msgspec
from msgspec import Struct
from msgspec.structs import force_setattr

from ..checked import Checked
from ..errors import UsageError
from ..geometry import AnnotationKind, KindName
from ..problems import level_of_caller
from .media import Media, MediaKind, VideoFrames
from .models import Ability, ModelFacts

#: What a request holds beside its text.
Medium: TypeAlias = Media | VideoFrames

#: The largest body of a request that a service takes.
MAX_BODY_BYTES = 20_000_000
_ROLES = ("system", "user", "assistant", "tool")
_EFFORTS = ("none", "minimal", "low", "medium", "high")
_SWITCHES = ("thinking", "focus", "audio_in_video")


class RequestWarning(UserWarning):
    """A request that the service accepts, but that its documentation advises against or does not mention."""


class _Range(NamedTuple):
    """The documented values of a number."""

    low: float
    high: float | None = None
    is_whole: bool = False

    def __str__(self) -> str:
        what = "a whole number " if self.is_whole else "a number "
        return what + (f"of at least {self.low}" if self.high is None else f"from {self.low} to {self.high}")


_RANGES: Mapping[str, _Range] = {
    "temperature": _Range(0, 2),
    "top_p": _Range(0, 1),
    "top_k": _Range(0, is_whole=True),
    "frequency_penalty": _Range(-2, 2),
    "presence_penalty": _Range(-2, 2),
    "max_completion_tokens": _Range(0, is_whole=True),
    "n": _Range(1, is_whole=True),
}


class RequestOptions(Struct, metaclass=Checked, frozen=True, kw_only=True):
    """The part that all requests have in common."""

    #: What :func:`image`, :func:`video`, :func:`audio` and :func:`video_frames` make; one of them or several.
    media: Medium | Sequence[Medium] = ()
    #: What to point with. Without it, Mk1 and Mk1.5 answer in prose.
    annotation_format: AnnotationKind | KindName | None = None
    system: str | None = None
    #: The messages before this one.
    history: Sequence[Mapping[str, Any]] = ()
    #: Whether to think before answering; None leaves that to the service.
    thinking: bool | None = None
    #: ``none``, ``minimal``, ``low``, ``medium`` or ``high``.
    reasoning_effort: str | None = None
    #: Whether to look closer at parts of the images; None leaves that to the service.
    focus: bool | None = None
    #: Whether to listen to videos as well; None leaves that to the service.
    audio_in_video: bool | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    max_completion_tokens: int | None = None
    #: How many answers to give.
    n: int | None = None

    def check(self) -> None:
        """Raise ``UsageError`` for what no service takes."""
        force_setattr(self, "media", checked_media(self.media))
        force_setattr(self, "history", _checked_history(self.history))
        if self.annotation_format is not None:
            force_setattr(self, "annotation_format", AnnotationKind.from_name(self.annotation_format))
        check_text("system", self.system)
        for name in _SWITCHES:
            check_switch(name, getattr(self, name))
        for name, allowed in _RANGES.items():
            force_setattr(self, name, _checked_number(name, getattr(self, name), allowed))
        self._check_thinking()

    def _check_thinking(self) -> None:
        if self.reasoning_effort is None:
            return
        if self.reasoning_effort not in _EFFORTS:
            raise UsageError(f"reasoning_effort must be one of {', '.join(_EFFORTS)}, not {self.reasoning_effort!r}")
        if self.thinking is not None and self.thinking is (self.reasoning_effort == "none"):
            raise UsageError(
                f"thinking={self.thinking} and reasoning_effort={self.reasoning_effort!r} contradict each other: "
                "give one of them"
            )

    @property
    def media_kinds(self) -> set[MediaKind]:
        """The kinds of the media."""
        return {medium.kind for medium in checked_media(self.media)}

    def check_model(self, facts: ModelFacts) -> None:
        """Raise ``UsageError`` for what a model does not take, and warn of what it ignores."""
        for kind in sorted(self.media_kinds):
            if facts.modalities is not None and kind not in facts.modalities:
                raise UsageError(f"{facts.name} takes {', '.join(facts.modalities)}, not {kind}")
        most = facts.most_output_tokens
        if self.max_completion_tokens is not None and most is not None and self.max_completion_tokens > most:
            raise UsageError(f"max_completion_tokens must be at most {most} for {facts.name}")
        if self.focus is not None and facts.focus is Ability.REFUSED:
            raise UsageError(f"{facts.name} has no focus any more: leave it out, or ask perceptron-mk1")
        if self.thinking is not None and facts.thinking is Ability.DEPRECATED:
            warn(f"{facts.name} takes thinking as deprecated: use reasoning_effort")
        for name, ability in (("thinking", facts.thinking), ("focus", facts.focus)):
            if getattr(self, name) and ability is Ability.IGNORED:
                warn(f"{facts.name} ignores {name}")

    def advise(self) -> None:
        """Warn of what the documentation of Mk1 advises against."""
        if self.thinking and self.annotation_format not in (None, AnnotationKind.CLIP):
            warn(f"thinking is advised for text, captions and clips, not for {str(self.annotation_format)!r}")
        if self.thinking is False and self.annotation_format == AnnotationKind.CLIP:
            warn("thinking is advised for clips: leave thinking out or set it")

    def vision_config(self) -> dict[str, Any] | None:
        """The fields that Perceptron's models take for what they see; None if there are none."""
        config: dict[str, Any] = {}
        if self.annotation_format is not None:
            config["annotation_format"] = str(self.annotation_format)
        if self.thinking is not None:
            config["enable_thinking"] = self.thinking
        if self.focus is not None:
            config["internal_tools"] = {"focus": self.focus}
        if self.audio_in_video is not None:
            config["enable_audio_in_video"] = self.audio_in_video
        return config or None

    def sampling(self) -> dict[str, Any]:
        """The fields that say how to sample; all but ``top_k`` are OpenAI's."""
        return {name: getattr(self, name) for name in _RANGES}


def without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that were asked for."""
    return {name: value for name, value in fields.items() if value is not None}


def content(prompt: str, media: Sequence[Medium]) -> str | list[dict[str, Any]]:
    """The content of a user's message: media first, as the services' own examples have it."""
    return [*(medium.part for medium in media), {"type": "text", "text": prompt}] if media else prompt


def check_size(body: Mapping[str, Any]) -> None:
    """Raise ``UsageError`` for a body that is larger than services take."""
    size = len(msgspec.json.encode(body))
    if size > MAX_BODY_BYTES:
        raise UsageError(f"the request has {size:,} bytes, and services take {MAX_BODY_BYTES:,}: send URLs of media")


def checked_media(given: object) -> tuple[Medium, ...]:
    """Media as a tuple. Raises ``UsageError`` for what is not a medium."""
    items = (given,) if isinstance(given, Media | VideoFrames | str | bytes) else given
    if not isinstance(items, Sequence):
        raise UsageError(f"media is a tuple of what image(), video() or audio() make, not {type(given).__name__}")
    for item in items:
        if not isinstance(item, Media | VideoFrames):
            raise UsageError(
                f"media holds what image(), video(), audio() or video_frames() make, not {item!r:.80}: "
                "for example media=image('a.jpg')"
            )
    return tuple(items)


def check_text(name: str, value: object) -> None:
    """Raise ``UsageError`` for what is not text or None."""
    if value is not None and not isinstance(value, str):
        raise UsageError(f"{name} must be text, not {type(value).__name__}")


def check_switch(name: str, value: object) -> None:
    """Raise ``UsageError`` for what is not True, False or None."""
    if value is not None and not isinstance(value, bool):
        raise UsageError(f"{name} must be True, False or None, not {value!r}")


def _checked_history(given: object) -> tuple[Mapping[str, Any], ...]:
    if isinstance(given, str | bytes | Mapping) or not isinstance(given, Sequence):
        raise UsageError(f"history is a sequence of messages, not {type(given).__name__}")
    for number, message in enumerate(given):
        role = message.get("role") if isinstance(message, Mapping) else None
        if role not in _ROLES:
            raise UsageError(
                f"message {number} of history must be a mapping whose role is one of {', '.join(_ROLES)}, not "
                f"{role!r} (answer.to_message() makes the one of an answer)"
            )
    return tuple(given)


def _checked_number(name: str, value: object, allowed: _Range) -> float | None:
    if value is None:
        return None
    fault = UsageError(f"{name} must be {allowed}, not {value!r}")
    if isinstance(value, bool) or not isinstance(value, Integral if allowed.is_whole else Real):
        raise fault
    number = int(value) if isinstance(value, Integral) else float(value)
    if not (allowed.low <= number and (allowed.high is None or number <= allowed.high)):  # NaN is in no range
        raise fault
    return number


def warn(message: str) -> None:
    """A ``RequestWarning`` at the line that made the request."""
    warnings.warn(message, RequestWarning, stacklevel=level_of_caller())
