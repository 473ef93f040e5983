"""What is asked: a request, what joins its answer to the image, and its assets; made now or when its turn comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct
from msgspec.structs import force_setattr

from ..checked import Checked
from ..completions.request import Request
from ..completions.sent_assets import RecordedAsset
from ..errors import UsageError


class Question(Struct, metaclass=Checked, frozen=True, kw_only=True):
    """A request that is ready to be sent.

    A question that is asked several times (samples) is given several times: each has an answer of its own.

    >>> from perceptron_annotations.asking import Question
    >>> Question(request=pa.Request(prompt="Box every car.", annotation_format="box"), key="street.jpg").key
    'street.jpg'
    """

    request: Request
    #: What joins the answer to its image and its truth; without it, a recording goes by the hash of its request.
    key: str | None = None
    #: The images and videos of the request, with their original sizes, as they are recorded. Mappings may say more.
    assets: Sequence[RecordedAsset | Mapping[str, Any]] = ()
    #: The model to ask; None is the model of the endpoint.
    model: str | None = None

    def check(self) -> None:
        """Raise ``UsageError`` for what is not a question."""
        if not isinstance(self.request, Request):
            raise UsageError(f"a question has a Request, not {type(self.request).__name__}")
        if self.key is not None and not isinstance(self.key, str):
            raise UsageError(f"the key of a question is text, not {type(self.key).__name__}")
        force_setattr(self, "assets", tuple(self.assets))


class PendingQuestion(Struct, frozen=True, kw_only=True):
    """A question that is made when its turn comes, in another thread, so that only a few images are in memory."""

    key: str
    #: Makes the question. What it raises as ``AnnotationsError`` or ``OSError`` costs this question only.
    prepare: Callable[[], Question]


#: What is asked: a ``Request`` alone has no key.
Askable: TypeAlias = Question | PendingQuestion | Request
