"""``ask`` against a server on this machine: what is sent, recorded and printed, and how it ends."""

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from perceptron_annotations import read_recordings
from perceptron_annotations.outputs import append_alone
from tests.cli.in_process import run
from tests.completions.loopback import Reply, serving
from tests.corpora import ROOT

KEY = "sk-test-of-no-value-0123456789abcdef"
BOX = '<point_box mention="car"> (250,250) (750,500) </point_box>'
PROMPT = "Box every car."


def completion(text=BOX, **fields):
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
    return Reply([json.dumps({"id": "c-1", "choices": [choice], "usage": usage} | fields).encode()])


@pytest.fixture
def server(monkeypatch):
    for name in [name for name in os.environ if name.endswith("_API_KEY") or name.startswith("OPENAI")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MY_KEY", KEY)
    with serving() as server:
        server.reply = completion()
        yield server


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def photos(*names, folder="photos", size=(80, 40), **options):
    for name in names:
        Path(f"{folder}/{name}").parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, "red").save(f"{folder}/{name}", **options)


def ask(server, *words, output="answers.jsonl", prompt=PROMPT, service=None, model="m", **options):
    named = ["--service", service, "--url", server.url] if service else ["--service", server.url]
    given = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", str(value))]
    prompts = [] if prompt is None else ["--prompt", prompt]
    outputs = [] if output is None else ["-o", output]
    models = [] if model is None else ["--model", model]
    return run("ask", *words, *named, *models, *prompts, *outputs, *given)


def lines(path="answers.jsonl"):
    with Path(path).open() as file:
        return [json.loads(line) for line in file]


# -- what is sent ------------------------------------------------------------------------------------------------------


def part(path):
    with Path(path).open("rb") as file:
        data = base64.b64encode(file.read()).decode()
    return {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{data}"}}


def user(path, text=PROMPT):
    return {"role": "user", "content": [part(path), {"type": "text", "text": text}]}


def test_the_body_for_perceptron_is_the_one_of_its_documents(server):
    """``vision_config`` has ``annotation_format`` and, on request, ``enable_thinking`` and ``internal_tools.focus``."""
    photos("a.png")
    options = ("--thinking", "--focus", "--max-tokens", "8192", "--temperature", "0", "--top-p", "0.9")
    done = ask(
        server, "photos", *options, service="perceptron", model="perceptron-mk1", key_env="MY_KEY",
        annotation_format="box",
    )  # fmt: skip
    assert done.status == 0, done.err
    assert server.asked == [
        {
            "model": "perceptron-mk1",
            "messages": [user("photos/a.png")],
            "temperature": 0,
            "top_p": 0.9,
            "max_completion_tokens": 8192,
            "vision_config": {
                "annotation_format": "box",
                "enable_thinking": True,
                "internal_tools": {"focus": True},
            },
        }
    ]


def test_the_body_for_isaac_has_its_hint(server):
    photos("a.png")
    done = ask(server, "photos", service="perceptron", model="isaac-0.2-2b-preview", annotation_format="polygon")
    assert done.status == 0, done.err
    system = {"role": "system", "content": "<hint>POLYGON</hint>"}
    assert server.asked == [{"model": "isaac-0.2-2b-preview", "messages": [system, user("photos/a.png")]}]


def test_the_body_for_openrouter_is_the_one_of_its_documents(server):
    """``annotation_format`` as a parameter, thinking as the object ``reasoning``; the headers it documents."""
    photos("a.png")
    words = ("--reasoning-effort", "low", "--header", "HTTP-Referer: https://example.org", "--header", "X-Title: Cars")
    done = ask(server, "photos", *words, service="openrouter", model=None, annotation_format="point")
    assert done.status == 0, done.err
    assert server.asked == [
        {
            "model": "perceptron/perceptron-mk1.5",
            "messages": [user("photos/a.png")],
            "reasoning": {"effort": "low"},
            "annotation_format": "point",
        }
    ]


def test_the_body_for_perceptron_cloud_has_no_field_of_its_own(server):
    photos("a.png")
    done = ask(server, "photos", "--system", "Be brief.", service="perceptron-cloud", model="some-model")
    assert done.status == 0, done.err
    system = {"role": "system", "content": "Be brief."}
    assert server.asked == [{"model": "some-model", "messages": [system, user("photos/a.png")]}]


def test_the_body_for_a_server_of_ones_own(server):
    """As vLLM takes it: a regular expression, or a JSON Schema as ``response_format``."""
    photos("a.png")
    assert ask(server, "photos", regex="(yes|no)").status == 0
    body = {"model": "m", "messages": [user("photos/a.png")]}
    assert server.asked == [{**body, "regex": "(yes|no)"}]
    with Path("schema.json").open("w") as file:
        json.dump({"type": "object", "properties": {"cars": {"type": "integer"}}}, file)
    assert ask(server, "photos", schema="schema.json").status == 0
    assert server.asked[1]["response_format"]["json_schema"]["schema"]["properties"] == {"cars": {"type": "integer"}}
    constrained = ask(server, "photos", constrain="regex", annotation_format="box", label="car")
    assert constrained.status == 0, constrained.err
    assert "annotation_format" not in str(server.asked[2].keys())
    assert re.fullmatch(server.asked[2]["regex"], '<point_box mention="car"> (1,2) (3,4) </point_box>')


def test_options_that_a_service_has_not_are_refused_before_anything_is_sent(server):
    photos("a.png")
    for words, told in [
        (("--annotation-format", "box"), "--constrain regex"),
        (("--thinking",), "thinking"),
        (("--constrain", "regex"), "--annotation-format"),
        (("--label", "car"), "--constrain"),
        (("--regex", "a", "--constrain", "regex"), "use one of them"),
        (("--temperature", "3"), "temperature must be a number from 0 to 2"),
        (("--header", "Authorization: Bearer x"), "holds a key"),
        (("--header", "no colon"), "NAME:VALUE"),
        (("--key-env", "PERCEPTRON_API_KEY"), "goes to no other host"),
        (("--key-env", "NOT_SET"), "NOT_SET"),
        (("--samples", "0"), "1 or more"),
        (("--prompt-file", "a"), "use one of them"),
    ]:
        done = ask(server, "photos", *words)
        assert (done.status, told in done.err) == (2, True), (words, done.err)
    done = ask(server, "photos", model=None)
    assert (done.status, "name the model" in done.err) == (2, True)
    assert run("ask", "photos", "--service", "preceptron", "--prompt", "x", "-o", "a.jsonl").err.count("perceptron'?")
    assert server.asked == []


# -- what is recorded --------------------------------------------------------------------------------------------------


def test_two_commands_from_images_to_a_coco_file(server):
    """Nothing but the names is needed: the answers hold the sizes of the images."""
    photos("a.png", "shop/b.png", size=(800, 400))
    assert ask(server, "photos", service="perceptron", model="perceptron-mk1", annotation_format="box").status == 0
    done = run("convert", "answers.jsonl", "-o", "coco.json")
    assert done.status == 0, done.err
    with Path("coco.json").open() as file:
        coco = json.load(file)
    assert sorted(image["file_name"] for image in coco["images"]) == ["a.png", "shop/b.png"]
    assert [annotation["bbox"] for annotation in coco["annotations"]] == [[200, 100, 400, 100]] * 2


def test_keys_join_with_the_folder_too(server):
    """As ``convert --images`` calls them, for answers that have lost their sizes, such as those of a batch."""
    photos("a.png", "shop/b.png", size=(800, 400))
    ask(server, "photos")
    with Path("bare.jsonl").open("w") as file:
        bare = [{"custom_id": line["key"], "response": {"body": line["response"]}} for line in lines()]
        file.writelines(json.dumps(line) + "\n" for line in bare)
    done = run("convert", "bare.jsonl", "--images", "photos", "-o", "coco.json")
    assert (done.status, "joined" in done.out) == (0, False), done.out


def test_coordinates_are_those_of_the_original(server):
    """Scaled down and turned: the boxes of the answer lie in the image as it is displayed."""
    turned = Image.Exif()
    turned[0x0112] = 6
    photos("large.jpg", size=(1600, 1200), exif=turned)
    done = ask(server, "photos", max_side=400)
    assert done.status == 0, done.err
    (line,) = lines()
    assert line["assets"] == [
        {"file_name": "large.jpg", "width": 1200, "height": 1600, "sent_width": 300, "sent_height": 400}
    ]
    run("convert", "answers.jsonl", "-o", "coco.json")
    with Path("coco.json").open() as file:
        coco = json.load(file)
    assert [coco["images"][0][side] for side in ("width", "height")] == [1200, 1600]
    assert coco["annotations"][0]["bbox"] == [300, 400, 600, 400]
    (recording,) = read_recordings("answers.jsonl")
    assert (recording.assets[0].sent_width, recording.assets[0].sent_height) == (300, 400)


def test_a_list_with_several_images_and_fields(server):
    photos("a.png", "b.png", folder="data")
    with Path("data/list.csv").open("w", encoding="utf-8-sig") as file:
        file.write("image;image_2;label;key\na.png;b.png;cup;one\nb.png;;fork;two\n")
    done = ask(server, "data/list.csv", prompt="Find the {label}.")
    assert done.status == 0, done.err
    found = {line["key"]: line for line in lines()}
    assert [asset["file_name"] for asset in found["one"]["assets"]] == ["a.png", "b.png"]
    asked = {
        request["messages"][0]["content"][-1]["text"]: request["messages"][0]["content"] for request in server.asked
    }
    assert {text: len(parts) for text, parts in asked.items()} == {"Find the cup.": 3, "Find the fork.": 2}


def test_clips_of_videos(server):
    """A folder of videos and images: clips are of the videos, whose sizes are recorded."""
    photos("cover.png")
    for name in ("plain.mp4", "plain.webm"):
        shutil.copy(ROOT / "tests" / "asking" / "media" / name, f"photos/{name}")
    server.reply = completion('<clip mention="goal" t="0.1 seconds 0.3 seconds" />')
    done = ask(server, "photos", service="perceptron", model="perceptron-mk1", annotation_format="clip")
    assert done.status == 0, done.err
    assert "1 other file left out, such as photos/cover.png" in done.err
    urls = [request["messages"][0]["content"][0]["video_url"]["url"] for request in server.asked]
    assert sorted(url.partition(";")[0] for url in urls) == ["data:video/mp4", "data:video/webm"]
    done = run("convert", "answers.jsonl", "--to", "activitynet", "-o", "clips.json")
    assert done.status == 0, done.err
    with Path("clips.json").open() as file:
        assert file.read().count("goal") == 2


def test_no_key_is_written_anywhere(server):
    photos("a.png")
    server.reply = Reply([json.dumps({"error": {"message": f"wrong key {KEY}", "code": 401}}).encode()], status=401)
    done = ask(server, "photos", key_env="MY_KEY")
    assert done.status == 2
    with Path("answers.jsonl").open() as file:
        assert KEY not in file.read() + done.out + done.err
    done = ask(server, "photos", "--dry-run", output=None, key_env="MY_KEY")
    assert (done.out.count("MY_KEY"), KEY in done.out) == (1, False)


def test_asked_once(server):
    photos("a.png", "b.png")
    assert ask(server, "photos").status == 0
    again = ask(server, "photos")
    assert (again.status, len(server.asked)) == (0, 2)
    assert "2 had an answer before" in again.out
    changed = ask(server, "photos", prompt="Box every cup.")
    assert (changed.status, len(server.asked)) == (0, 4)
    assert "2 asked anew" in changed.out
    assert "--merge last" in changed.out
    run("convert", "answers.jsonl", "--merge", "last", "-o", "coco.json")
    with Path("coco.json").open() as file:
        assert len(json.load(file)["annotations"]) == 2


def _values(report, name):
    """The values of a metric, wherever it stands in a report."""
    inner = [each for each in report.values() if isinstance(each, dict)] if isinstance(report, dict) else []
    own = [report[name]["value"]] if name in report and isinstance(report[name], dict) else []
    return own + [value for each in inner for value in _values(each, name)]


def test_samples_and_consensus(server):
    photos("a.png", "b.png", size=(800, 400))
    done = ask(server, "photos", samples=3, temperature=0.7)
    assert done.status == 0, done.err
    assert sorted(line["key"] for line in lines()) == ["a.png"] * 3 + ["b.png"] * 3
    assert {request["temperature"] for request in server.asked} == {0.7}
    server.reply = completion(BOX + '<point_box mention="ghost"> (0,0) (10,10) </point_box>')
    assert ask(server, "photos", samples=4, temperature=0.7).status == 0
    assert len(server.asked) == 8
    agreed = run("consensus", "answers.jsonl", "--least", "0.5", "-o", "agreed.parquet")
    assert agreed.status == 0, agreed.err
    assert "2 answers of 8 samples" in agreed.out
    done = run("convert", "agreed.parquet", "-o", "coco.json")
    assert done.status == 0, done.err
    with Path("coco.json").open() as file:
        coco = json.load(file)
    assert [annotation["bbox"] for annotation in coco["annotations"]] == [[200, 100, 400, 100]] * 2
    everything = run("consensus", "answers.jsonl", "-o", "all.parquet")
    assert "4 annotations, of 10 in the samples" in everything.out
    done = run("evaluate", "all.parquet", "--truth", "coco.json", "--task", "ap", "--format", "json")
    assert done.status == 0, done.err
    found = json.loads(done.out)["average_precision"]
    assert _values(found, "ap") == [1]  # of cars, the one label of the truth


def test_consensus_of_points_needs_a_radius(server):
    photos("a.png", size=(800, 400))
    for x in (500, 502, 498, 100):
        server.reply = completion(f'<point mention="cup"> ({x},500) </point>')
        assert ask(server, "photos", samples=len(server.asked) + 1).status == 0
    refused = run("consensus", "answers.jsonl", "-o", "agreed.parquet")
    assert (refused.status, "--radius" in refused.err) == (2, True)
    agreed = run("consensus", "answers.jsonl", "--radius", "10", "--least", "0.5", "-o", "agreed.parquet")
    assert agreed.status == 0, agreed.err
    run("convert", "agreed.parquet", "-o", "points.csv")
    with Path("points.csv").open() as file:
        assert "400" in file.read()
    assert run("consensus", "answers.jsonl", "--radius", "10", "-o", "agreed.json").status == 2


# -- inputs and outputs that are wrong ---------------------------------------------------------------------------------


def test_an_unreadable_image_costs_itself(server):
    photos("a.png", "b.png")
    with Path("photos/broken.jpg").open("wb") as file:
        file.write(b"not an image")
    with Path("photos/readme.txt").open("wb") as file:
        file.write(b"text")
    done = ask(server, "photos")
    assert done.status == 1
    assert "broken.jpg: cannot read" in done.err
    assert "1 other file left out, such as photos/readme.txt" in done.err
    assert "3 questions: 2 answered, 1 failed" in done.out
    assert "run the same command" in done.out
    Path("photos/broken.jpg").unlink()
    photos("broken.jpg")
    assert ask(server, "photos").status == 0
    assert len(server.asked) == 3


def test_nothing_to_ask(server):
    Path("photos").mkdir()
    done = ask(server, "photos")
    assert (done.status, "name a folder with images" in done.err) == (2, True)
    assert ask(server, "missing").status == 2
    assert not Path("answers.jsonl").exists()


def test_nothing_was_answered(server):
    photos("a.png")
    server.reply = Reply([b'{"error": {"message": "the image is too small"}}'], status=400)
    done = ask(server, "photos")
    assert (done.status, "the image is too small" in done.err) == (2, True)


def test_a_missing_image_of_a_row(server):
    photos("a.png")
    with Path("list.csv").open("w") as file:
        file.write("image\nphotos/a.png\nphotos/missing.png\n")
    done = ask(server, "list.csv")
    assert (done.status, "missing.png: cannot read" in done.err) == (1, True)


def test_hostile_names_reach_no_terminal(server):
    photos("\x1b[31mred\n.png", "\u202egpj.png")
    done = ask(server, "photos")
    assert done.status == 0
    assert "\x1b" not in done.out + done.err
    assert sorted(line["key"] for line in lines()) == ["\x1b[31mred\n.png", "\u202egpj.png"]
    with Path("photos/\x1b[31mbad\n.jpg").open("wb") as file:
        file.write(b"x")
    assert "\x1b" not in ask(server, "photos").err


def test_an_output_in_the_folder_that_is_read(server):
    photos("a.png")
    for _ in range(2):
        assert ask(server, "photos", output="photos/answers.jsonl").status == 0
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "content", [b"my notes\n", b"\x89PNG\r\n\x1a\n", b'{"images": [], "annotations": []}', b"a,b\n1,2\n"]
)
def test_an_output_that_is_something_else_stays(server, content):
    photos("a.png")
    with Path("answers.jsonl").open("wb") as file:
        file.write(content)
    done = ask(server, "photos")
    assert done.status == 2, done.out
    with Path("answers.jsonl").open("rb") as file:
        assert file.read() == content
    assert server.asked == []


def test_what_is_read_is_not_written(server):
    photos("a.png")
    with Path("list.jsonl").open("w") as file:
        file.write('{"image": "photos/a.png"}\n')
    done = ask(server, "list.jsonl", output="list.jsonl")
    assert (done.status, "list.jsonl is read" in done.err) == (2, True)
    done = ask(server, "photos", output="-")
    assert (done.status, "-o answers.jsonl" in done.err) == (2, True)
    assert ask(server, "photos", output=None).status == 2
    assert ask(server, "photos", output="no/folder/answers.jsonl").status == 2
    assert server.asked == []


def test_two_runs_at_once(server, here):
    photos("a.png")
    Path("link.jsonl").symlink_to("answers.jsonl")
    with append_alone("answers.jsonl"):
        for name in ("answers.jsonl", "./answers.jsonl", "link.jsonl"):
            done = ask(server, "photos", output=name)
            assert (done.status, "another run is adding to" in done.err) == (2, True)
        assert ask(server, "photos", output="other.jsonl").status == 0
    assert ask(server, "photos").status == 0
    assert sorted(path.name for path in here.iterdir()) == ["answers.jsonl", "link.jsonl", "other.jsonl", "photos"]


def test_a_limit_of_tokens(server):
    photos(*[f"{number}.png" for number in range(20)])
    done = ask(server, "photos", max_tokens_total=600, concurrency=1)
    assert done.status == 1
    assert len(server.asked) == 5
    assert "15 questions without an answer" in done.out


# -- what would be sent ------------------------------------------------------------------------------------------------


def test_a_dry_run_sends_nothing(server):
    photos("a.png", "b.png", "c.png")
    done = ask(
        server, "photos", "--dry-run", output=None, service="perceptron", model=None, annotation_format="box", rate=2
    )
    assert done.status == 0, done.err
    assert server.asked == []
    body = json.loads(done.out[done.out.index("{") : done.out.rindex("}") + 1])
    assert body["vision_config"] == {"annotation_format": "box"}
    assert body["messages"][0]["content"][0]["image_url"]["url"].startswith("data:image/png;removed;bytes=")
    assert len(done.out) < 3000
    ask(server, "photos", service="perceptron", model=None, annotation_format="box")
    sizes = sum(len(json.dumps(body, separators=(",", ":"))) for body in server.asked)
    assert f"3 requests, {sizes:,} bytes" in done.out
    assert "1.5 minutes at least" in done.out


def test_a_dry_run_shows_the_first_image_that_can_be_read(server):
    photos("b.png")
    with Path("photos/a.jpg").open("wb") as file:
        file.write(b"x")
    done = ask(server, "photos", "--dry-run", output=None)
    assert (done.status, "a.jpg: cannot read" in done.err, "2 requests" in done.out) == (0, True, True)
    Path("photos/b.png").unlink()
    assert ask(server, "photos", "--dry-run", output=None).status == 2


def test_a_batch_there_and_back(server):
    """The input of a batch; its output, as the API writes it, is read with the keys of the images."""
    photos("a.png", "shop/b.png", size=(800, 400))
    with Path("photos/broken.jpg").open("wb") as file:
        file.write(b"x")
    done = ask(server, "photos", output=None, batch_file="batch.jsonl", samples=2, temperature=1)
    assert (done.status, server.asked) == (1, [])
    assert "broken.jpg" in done.err
    requests = lines("batch.jsonl")
    assert [list(request) for request in requests] == [["custom_id", "method", "url", "body"]] * 2
    assert {(request["method"], request["url"]) for request in requests} == {("POST", "/v1/chat/completions")}
    assert [request["body"]["n"] for request in requests] == [2, 2]
    ask(server, "photos", temperature=1)
    asked = {json.dumps(body, sort_keys=True) for body in server.asked}
    assert {json.dumps({k: v for k, v in r["body"].items() if k != "n"}, sort_keys=True) for r in requests} == asked
    with Path("output.jsonl").open("w") as file:
        for number, request in enumerate(reversed(requests)):
            body = json.loads(completion().pieces[0])
            response = {"status_code": 200, "request_id": f"r{number}", "body": body}
            line = {"id": f"batch_req_{number}", "custom_id": request["custom_id"], "response": response, "error": None}
            file.write(json.dumps(line) + "\n")
    done = run("convert", "output.jsonl", "--images", "photos", "-o", "coco.json")
    assert done.status == 0, done.err
    with Path("coco.json").open() as file:
        coco = json.load(file)
    assert sorted(image["file_name"] for image in coco["images"]) == ["a.png", "shop/b.png"]
    assert [annotation["bbox"] for annotation in coco["annotations"]] == [[200, 100, 400, 100]] * 2


def test_a_large_batch_is_written_in_several_files(server, here, monkeypatch):
    from perceptron_annotations.asking import batch_files

    assert (batch_files.MOST_REQUESTS, batch_files.MOST_BYTES) == (50_000, 200_000_000)
    photos(*[f"{number}.png" for number in range(7)])
    monkeypatch.setattr(batch_files, "MOST_REQUESTS", 3)
    done = ask(server, "photos", output=None, batch_file="batch.jsonl")
    assert done.status == 0, done.err
    names = ["batch.jsonl", "batch-2.jsonl", "batch-3.jsonl"]
    assert [len(lines(name)) for name in names] == [3, 3, 1]
    assert [request["custom_id"] for name in names for request in lines(name)] == [f"{n}.png" for n in range(7)]
    again = ask(server, "photos", output=None, batch_file="batch.jsonl")
    assert (again.status, "of an earlier batch" in again.err) == (2, True)
    monkeypatch.setattr(batch_files, "MOST_BYTES", 600)
    ask(server, "photos", output=None, batch_file="bytes.jsonl")
    written = sorted(here.glob("bytes*"))
    assert len(written) > 1
    assert all(path.stat().st_size <= 600 for path in written)


def test_a_batch_without_a_request_is_not_written(server):
    Path("photos").mkdir()
    with Path("photos/broken.jpg").open("wb") as file:
        file.write(b"x")
    done = ask(server, "photos", output=None, batch_file="batch.jsonl")
    assert (done.status, "broken.jpg" in done.err, Path("batch.jsonl").exists()) == (2, True, False)


# -- how it ends -------------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_ctrl_c_keeps_what_was_answered(server):
    photos(*[f"{number:02}.png" for number in range(40)])
    server.reply = completion()._replace(delay=0.2)
    words = ["ask", "photos", "--service", server.url, "--model", "m", "--prompt", PROMPT, "-o", "answers.jsonl"]
    process = subprocess.Popen(
        [sys.executable, "-m", "perceptron_annotations", *words, "--concurrency", "2"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while len(server.asked) < 6 and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert len(lines()) == len(server.asked) < 40
    assert "without an answer (interrupted)" in out
    assert ask(server, "photos", concurrency=16).status == 0
    assert len(server.asked) == 40
