"""Rows of inputs and one description of what to ask → questions, each made when its turn comes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from msgspec import Struct

from ..completions.request import Request
from .image_preparation import ImageChanges, prepare_medium
from .question import PendingQuestion, Question
from .question_inputs import AskedRow


class QuestionMaker(Struct, frozen=True, kw_only=True):
    """Makes questions of rows.

    >>> from perceptron_annotations.asking.question_inputs import AskedRow, MediumPlace
    >>> place = MediumPlace("a.jpg", "https://example.org/a.jpg", "image")
    >>> row = AskedRow(key="a.jpg", media=(place,), prompt="Box every car.")
    >>> maker = QuestionMaker(template=pa.Request(prompt="", annotation_format="box"))
    >>> [question.key for question in maker.questions([row], samples=2)]
    ['a.jpg', 'a.jpg']
    >>> maker.question(row).request.prompt
    'Box every car.'
    """

    #: The request without its prompt and its media.
    template: Request
    changes: ImageChanges = ImageChanges()

    def questions(self, rows: Iterable[AskedRow], *, samples: int = 1) -> Iterator[PendingQuestion]:
        """A question for each row, or several that are samples of one answer."""
        for row in rows:
            for _ in range(samples):
                yield PendingQuestion(key=row.key, prepare=partial(self.question, row))

    def question(self, row: AskedRow) -> Question:
        """The question of a row: its images are read now. Raises what :func:`prepare_medium` and ``Request`` raise."""
        prepared = [prepare_medium(place, self.changes) for place in row.media]
        fields = {name: getattr(self.template, name) for name in self.template.__struct_fields__}
        fields |= {"prompt": row.prompt, "media": tuple([each.media for each in prepared])}
        return Question(request=Request(**fields), key=row.key, assets=tuple([each.asset for each in prepared]))
