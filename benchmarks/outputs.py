"""Every way in which this library writes a file or folder, each with the smallest content, for the tests of faults."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from perceptron_annotations import Completion, Document, parse, parse_batch, record
from perceptron_annotations.completions import DocumentRecord, write_documents
from perceptron_annotations.datasets import (
    FORMATS,
    AssetKind,
    Dataset,
    DatasetAsset,
    DatasetBuilder,
    DatasetFormat,
    write_chat,
    write_coco_results,
    write_dataset,
)
from perceptron_annotations.evaluation import Curve, plot_curves
from perceptron_annotations.geometry import AnnotationKind
from perceptron_annotations.table import write_parquet

_FOLDERS = {name.value for name in DatasetFormat if FORMATS[name].is_folder}
_EXAMPLES = Path(__file__).parent.parent / "examples" / "evaluate"
ANSWERS, TRUTH = _EXAMPLES / "small.jsonl", _EXAMPLES / "truth.json"


class Operation(NamedTuple):
    """Something that writes into a folder."""

    name: str
    run: Callable[[Path], object]
    #: The files and folders that are there afterwards.
    outputs: tuple[str, ...]
    #: The optional packages that it needs.
    needs: tuple[str, ...] = ()
    #: Those of the outputs that are folders.
    folders: tuple[str, ...] = ()


def writers() -> list[Operation]:
    """Every function that writes, ``record`` apart."""
    operations = [_of_format(name) for name in DatasetFormat]
    dataset = _dataset(is_video=False)
    document: Document = parse('<point mention="cup"> (1,2) </point>')
    lines = [DocumentRecord(key="a", document=document)]
    curve = Curve(title="F1", x_label="IoU", y_label="F1", x=(0.5, 0.75), y=(0.9, 0.6))
    more: list[tuple[str, Callable[[Path], object], tuple[str, ...]]] = [
        ("results.json", lambda path: write_coco_results(dataset, path, score=1.0), ()),
        ("chat.jsonl", lambda path: write_chat(dataset, path, prompt="Find cups."), ()),
        ("documents.jsonl", lambda path: write_documents(lines, path), ()),
        ("table.parquet", lambda path: write_parquet(parse_batch([document.source]), path), ("pyarrow",)),
        *(
            (f"curves.{kind}", lambda path: plot_curves({"m": [curve]}, path), ("matplotlib",))
            for kind in ("png", "svg", "pdf")
        ),
    ]
    for file, write, needs in more:
        operations.append(Operation(file, _in_folder(write, file), (file,), needs))
    return operations


def verbs(answers: Path = ANSWERS) -> list[Operation]:
    """Every verb that writes, with a format of one file, of a folder and of several parts."""
    return [
        *(_convert(name, answers) for name in ("coco", "csv", "cvat", "label-studio", "dataset-jsonl", "jsonl")),
        *(_convert(name, answers, "pyarrow") for name in ("parquet", "dataset-parquet")),
        *(_convert(name, answers) for name in ("yolo", "voc", "labelme")),
        _verb(
            "convert --split",
            ("convert", answers, "--to", "coco", "-o", "{}/out.json", "--split", "train=0.5,val=0.5"),
            ("out-train.json", "out-val.json"),
        ),
        _verb(
            "convert --rejects",
            ("convert", answers, "--to", "coco", "-o", "{}/out.json", "--rejects", "{}/rejects.jsonl"),
            ("out.json", "rejects.jsonl"),
        ),
        _verb("dedupe", ("dedupe", answers, "-o", "{}/out.parquet"), ("out.parquet",), "pyarrow"),
        _verb("check --rejects", ("check", answers, "--rejects", "{}/rejects.jsonl"), ("rejects.jsonl",)),
        _verb("count --rejects", ("count", answers, "--rejects", "{}/rejects.jsonl"), ("rejects.jsonl",)),
        _verb(
            "evaluate --curves",
            ("evaluate", ANSWERS, "--truth", TRUTH, "--curves", "{}/curves.png"),
            ("curves.png",),
            "matplotlib",
        ),
    ]


def append(folder: Path, text: str = "new") -> None:
    """Record a completion."""
    body = {"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]}
    record(Completion.decode(body), folder / "recorded.jsonl", key=text)


def run_verb(words: Sequence[str]) -> int:
    """Run a command line as ``main`` does; its exit status."""
    from perceptron_annotations.cli.guard import run  # noqa: TID251 - this is a process of the command
    from perceptron_annotations.cli.main import app  # noqa: TID251

    return run(app, words)


def contents(folder: Path) -> dict[str, bytes]:
    """All files below a folder; a folder without files is an entry as well."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else b"a folder"
        for path in sorted(folder.rglob("*"))
        if path.is_file() or not any(path.iterdir())
    }


def remove(folder: Path, names: Sequence[str]) -> None:
    """Remove outputs."""
    for name in names:
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)
        else:
            (folder / name).unlink(missing_ok=True)


def _dataset(*, is_video: bool) -> Dataset:
    builder = DatasetBuilder()
    video = {"kind": AssetKind.VIDEO, "fps": 25.0} if is_video else {}
    asset = builder.add_asset(
        DatasetAsset(file_name="a.mp4" if is_video else "a.png", width=64, height=48, **video)  # type: ignore[arg-type]
    )
    when = {"t": 0.4, "track": True} if is_video else {}
    builder.add(asset, AnnotationKind.BOX, [[4, 8], [20, 30]], "cat", **when)  # type: ignore[arg-type]
    return builder.build()


def _of_format(name: DatasetFormat) -> Operation:
    dataset, file = _dataset(is_video=FORMATS[name].frames), name.value
    needs = ("pyarrow",) if name is DatasetFormat.DATASET_PARQUET else ()
    write = _in_folder(lambda path: write_dataset(dataset, path, name), file)
    return Operation(file, write, (file,), needs, (file,) if FORMATS[name].is_folder else ())


def _in_folder(write: Callable[[Path], object], file: str) -> Callable[[Path], object]:
    return lambda folder: write(folder / file)


def _convert(name: str, answers: Path, *needs: str) -> Operation:
    found = _verb(f"convert --to {name}", ("convert", answers, "--to", name, "-o", "{}/out"), ("out",), *needs)
    return found._replace(folders=("out",) if name in _FOLDERS else ())


def _verb(name: str, words: Sequence[str | Path], outputs: tuple[str, ...], *needs: str) -> Operation:
    return Operation(name, lambda folder: run_verb([str(word).format(folder) for word in words]), outputs, needs)
