"""What one answer says: the :class:`Document`, its modes and its outcome.

What :mod:`.parsing` found comes in; views of it go out: the annotations by kind, the prose, the document in other
frames, and its canonical form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

from msgspec import Struct
from msgspec.structs import replace

from ..errors import FrameError
from ..frames import AssetFrames, Frame, Size
from ..geometry import Annotation, Box, Clip, Collection, Point, Polygon, Track, to_assets
from ..issues import Issue, Severity, Span
from ..plain_values import pydantic_schema
from ..words import member_of
from .nodes import Node, prose_spans

if TYPE_CHECKING:
    from PIL import Image


class Mode(StrEnum):
    """How to take malformed markup. The values are plain strings, so ``mode="strict"`` works."""

    STRICT = "strict"
    """Raise the first error."""
    LENIENT = "lenient"
    """Keep what can be read by the grammar, report the rest."""
    SALVAGE = "salvage"
    """Lenient, and keep the near misses: decimals, signs, brackets, lists, a missing close tag."""


#: The words for the modes.
ModeName: TypeAlias = Literal["strict", "lenient", "salvage"]


class Status(StrEnum):
    """The outcome of reading an answer; four things that are never confused."""

    EMPTY = "empty"
    """The answer has no annotation, and nothing in it looks like one."""
    OK = "ok"
    """Everything was read."""
    PARTIAL = "partial"
    """Something was read and something was lost."""
    UNREADABLE = "unreadable"
    """There was something to read, and all of it was lost."""


class Document(Struct, frozen=True, eq=False, gc=False):
    """What one answer says. Made by :func:`parse`, never by hand.

    ``annotations`` are all points, boxes, polygons and clips in document order, waypoints and members of collections
    among them, each with what it takes from its containers; ``spans[i]`` is the place of ``annotations[i]`` in
    ``source``. ``tracks`` and ``collections`` are the same shapes as groups. ``nodes`` tile the source and say what is
    written there, in the frame in which it was read. Two documents are equal if source, mode, answer, frames and
    truncation are.

    >>> document = pa.parse('One cat: <point_box mention="cat"> (0,500) (1000,1000) </point_box>.')
    >>> document
    <Document ok: 1 boxes>
    >>> document.prose
    'One cat: .'
    >>> document.to_pixels(640, 480).boxes[0].xyxy
    (0.0, 240.0, 640.0, 480.0)
    """

    source: str
    mode: Mode
    #: The part of the source that was read; what is around it is reasoning, or special tokens of a raw decode.
    answer: Span
    nodes: tuple[Node, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    spans: tuple[Span, ...] = ()
    points: tuple[Point, ...] = ()
    boxes: tuple[Box, ...] = ()
    polygons: tuple[Polygon, ...] = ()
    clips: tuple[Clip, ...] = ()
    tracks: tuple[Track, ...] = ()
    collections: tuple[Collection, ...] = ()
    issues: tuple[Issue, ...] = ()
    #: Markup was open at the end of the answer, or the service said that it cut the answer.
    truncated: bool = False
    frame: Frame | AssetFrames = Frame.GRID
    #: The frame in which the answer was read; the values of ``nodes`` stay in it.
    read_in: Frame = Frame.GRID
    #: The name of the dialect in which the answer was read; empty for our own markup.
    dialect: str = ""

    @property
    def status(self) -> Status:
        """Whether there was anything to read, and whether it was read."""
        if any(issue.failure for issue in self.issues):
            return Status.PARTIAL if self.annotations else Status.UNREADABLE
        return Status.OK if self.annotations else Status.EMPTY

    @property
    def errors(self) -> tuple[Issue, ...]:
        """The issues that strict mode would raise."""
        return tuple(issue for issue in self.issues if issue.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Issue, ...]:
        """The issues that changed none of the annotations."""
        return tuple(issue for issue in self.issues if issue.severity is Severity.WARNING)

    @property
    def prose(self) -> str:
        """The words of the answer without its markup; of a container that was never closed, the words inside too."""
        return "".join(self.source[slice(*span)] for span in prose_spans(self.nodes))

    def to_markup(self, *, confidence: bool = True) -> str:
        """The answer in canonical form: prose as it is, every element rewritten, what could not be read defused.

        A ``<`` that could be read as a tag although it is prose becomes ``&lt;``, so the result parses without issues
        to the same annotations, and is its own canonical form. Scores are written as ``confidence`` unless that is
        False. Raises ``UnwritableError`` for salvaged fractions and signs, and in a frame other than the grid.

        >>> pa.parse("<POINT> ( 1, 2 ) </POINT> and <point> that is prose").to_markup()
        '<point> (1,2) </point> and &lt;point> that is prose'
        """
        from .write import write_document

        return write_document(self, confidence=confidence)

    def to_dict(self) -> dict[str, Any]:
        """Its fields as dicts, lists, texts and numbers, for ``json.dumps``; :func:`document_schema` describes them.

        A line of ``write_documents`` has the same fields. Shapes leave out what holds its default: no mention, no
        score, the grid as their frame.

        >>> document = pa.parse('<point mention="cat"> (1,2) </point>')
        >>> document.to_dict()["annotations"]
        [{'type': 'point', 'x': 1.0, 'y': 2.0, 'mention': 'cat'}]
        """
        from .document_form import document_to_dict

        return document_to_dict(self)

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> Document:
        """The document that :meth:`to_dict` made, equal to it: the source is read again and compared.

        Raises ``UsageError`` if ``fields`` is not such a dict, or if its annotations were changed.

        >>> document = pa.parse("<point> (1,2) </point>")
        >>> pa.Document.from_dict(document.to_dict()) == document
        True
        """
        from .document_form import document_from_dict

        return document_from_dict(fields)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from .document_form import DocumentForm

        return pydantic_schema(cls, cls.from_dict, cls.to_dict, form=DocumentForm)

    def to(self, frame: Frame | AssetFrames) -> Document:
        """The document with every annotation, track and collection in another frame, or each in that of its asset."""
        if isinstance(frame, AssetFrames):
            return self._converted(frame, lambda value: to_assets(value, frame))
        return self._converted(frame, lambda value: value.to(frame))

    @overload
    def to_pixels(self, width: float, height: float) -> Document: ...

    @overload
    def to_pixels(self, *, sizes: Mapping[int, Size] | Sequence[Size], asset_count: int | None = None) -> Document: ...

    def to_pixels(
        self,
        width: float | None = None,
        height: float | None = None,
        *,
        sizes: Mapping[int, Size] | Sequence[Size] | None = None,
        asset_count: int | None = None,
    ) -> Document:
        """The document in exact float pixels of its image, or of the images it speaks of.

        Raises ``FrameError`` if one size was given and shapes lie in more than one asset, and if the size of the asset
        of a shape is missing. Clips have no size and need none.

        Args:
            width: Of the one image, in pixels.
            height: Of the one image, in pixels.
            sizes: ``(width, height)`` by ``asset_idx``, instead of one size: a sequence, or a mapping. An annotation
                without ``asset_idx`` lies in the last asset.
            asset_count: How many assets the request had, if ``sizes`` is a mapping; by default the highest index plus
                one.

        >>> document = pa.parse('<point asset_idx="1"> (500,500) </point>')
        >>> document.to_pixels(sizes=[(640, 480), (800, 600)]).points[0].coordinates
        ((400.0, 300.0),)
        """
        if sizes is not None and width is None and height is None:
            return self.to(AssetFrames.of(sizes, asset_count))
        if width is None or height is None or sizes is not None:
            raise FrameError("pass to_pixels(width, height), or sizes= with one (width, height) for each asset")
        spatial = (annotation for annotation in self.annotations if not isinstance(annotation, Clip))
        named = {annotation.asset_idx for annotation in spatial} - {None}
        if len(named) > 1:
            raise FrameError(
                f"the answer speaks of assets {sorted(named, key=str)}: pass sizes= with one (width, height) for each"
            )
        return self.to(Frame.pixels(width, height))

    def show(self, image: str | PathLike[str] | Image.Image, *, asset: int | None = None) -> Image.Image:
        """A copy of ``image`` with the shapes drawn on it, which notebooks show; it calls ``render.draw``, see there.

        ``asset`` is the index of the image if the answer is about several. Needs Pillow, the ``render`` extra.

        >>> from PIL import Image
        >>> document = pa.parse('<point_box mention="cat"> (250,500) (500,1000) </point_box>')
        >>> document.show(Image.new("RGB", (640, 480))).size
        (640, 480)
        """
        from ..render.overlay.drawing import draw  # noqa: TID251 - only delegates, see UPWARD in the tests

        return draw(image, self, asset=asset)

    def _converted(self, frame: Frame | AssetFrames, convert: Callable[[Any], Any]) -> Document:
        annotations = tuple(map(convert, self.annotations))
        points, boxes, polygons, clips = by_kind(annotations)
        return replace(
            self,
            annotations=annotations,
            points=points,
            boxes=boxes,
            polygons=polygons,
            clips=clips,
            tracks=tuple(map(convert, self.tracks)),
            collections=tuple(map(convert, self.collections)),
            frame=frame,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self._identity == other._identity

    def __ne__(self, other: object) -> bool:  # that of a Struct compares identities
        return not self == other

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[object, ...]:
        return self.source, self.mode, self.answer, self.frame, self.read_in, self.truncated, self.dialect

    def __repr__(self) -> str:
        counts = ", ".join(
            f"{len(found)} {name}"
            for name, found in (
                ("points", self.points),
                ("boxes", self.boxes),
                ("polygons", self.polygons),
                ("clips", self.clips),
                ("tracks", self.tracks),
                ("collections", self.collections),
                ("issues", self.issues),
            )
            if found
        )
        cut = ", truncated" if self.truncated else ""
        return f"<Document {self.status.value}{cut}: {counts or 'no annotations'}>"

    def _repr_html_(self) -> str:
        """Its outcome, shapes, text and issues, for notebooks."""
        from ..render.notebook.document_card import document_card  # noqa: TID251 - only delegates, see UPWARD

        return document_card(self)


def checked_mode(mode: Mode | ModeName) -> Mode:
    """``mode`` as a :class:`Mode`, or the error that names the three."""
    return member_of(Mode, mode, "mode")


#: The points, the boxes, the polygons and the clips.
Views: TypeAlias = tuple[tuple[Point, ...], tuple[Box, ...], tuple[Polygon, ...], tuple[Clip, ...]]


def by_kind(annotations: tuple[Annotation, ...]) -> Views:
    """The points, the boxes, the polygons and the clips among the annotations."""
    if set(map(type, annotations)) == _ONLY_BOXES:  # as in most answers
        return (), annotations, (), ()  # type: ignore[return-value]
    views: dict[type, list[Any]] = {Point: [], Box: [], Polygon: [], Clip: []}
    for annotation in annotations:
        views[type(annotation)].append(annotation)
    return tuple(map(tuple, views.values()))  # type: ignore[return-value]


_ONLY_BOXES = {Box}
