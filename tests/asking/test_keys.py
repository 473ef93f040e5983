"""A key goes to the host that it was named for, and nowhere else: no file, log, error or other host has it."""

import json
import logging
import subprocess
import sys
import traceback

import openai
import pytest

from perceptron_annotations import Request, UsageError
from perceptron_annotations.asking import Asker, AskLimits, Endpoint, ask
from perceptron_annotations.asking.loop_thread import LoopThread
from perceptron_annotations.completions import Service, ServiceError
from tests.asking.test_ask import GOOD, KEY, QUICK, endpoint, question, replying
from tests.completions.loopback import Reply, serving

OTHERS = {
    "OPENAI_API_KEY": "sk-of-openai-0123456789",
    "OPENAI_ADMIN_KEY": "sk-admin-0123456789",
    "OPENAI_ORG_ID": "org-0123456789",
    "OPENAI_PROJECT_ID": "proj-0123456789",
    "OPENAI_CUSTOM_HEADERS": "X-Secret: custom-0123456789\nAuthorization: Bearer custom-0123456789",
    "PERCEPTRON_API_KEY": "sk-of-perceptron-0123456789",
    "OPENROUTER_API_KEY": "sk-or-0123456789",
    "PERCEPTRON_CLOUD_API_KEY": "pc-0123456789",
}


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("TEST_KEY", KEY)
    for name, value in OTHERS.items():
        monkeypatch.setenv(name, value)
    with serving() as running:
        running.reply = GOOD
        yield running


def sent(server):
    """All that a server was told, in headers and bodies."""
    return "\n".join([*map(str, server.headers), *map(json.dumps, server.asked)])


def assert_only(server, key):
    found = sent(server)
    assert server.asked
    assert (KEY in found) == (key == KEY)
    for value in OTHERS.values():
        assert value[-16:] not in found


def test_the_named_key_and_no_other_is_sent(server):
    assert len(list(ask([question("a")], endpoint(server), limits=QUICK))) == 1
    assert_only(server, KEY)


def test_a_server_of_ones_own_gets_no_key_that_was_not_named(server):
    assert len(list(ask([Request(prompt="x")], server.url, model="m", limits=QUICK))) == 1
    assert_only(server, None)
    assert server.headers[0]["authorization"] is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(server, status):
    with serving() as elsewhere:
        elsewhere.reply = GOOD
        server.reply = Reply([b""], status=status, headers=(("location", f"{elsewhere.url}/chat/completions"),))
        with pytest.raises(ServiceError, match=r"sends on to 127\.0\.0\.1, which is not followed"):
            list(ask([question("a")], endpoint(server), limits=QUICK))
        assert elsewhere.asked == []
        assert_only(server, KEY)


def test_a_redirect_that_a_client_of_ones_own_follows_has_no_key(server):
    with serving() as elsewhere:
        elsewhere.reply = GOOD
        server.reply = Reply([b""], status=307, headers=(("location", f"{elsewhere.url}/chat/completions"),))
        client = openai.OpenAI(api_key=KEY, base_url=server.url, default_headers={"X-Secret": "", "Authorization": ""})
        with client:
            list(ask([Request(prompt="x")], client, model="m", limits=QUICK))
        assert KEY not in sent(elsewhere)


def echoing(status):
    """A service that sends the key back, in each place where an error may stand; OpenRouter may do so with 200."""
    error = {"message": f"Incorrect API key provided: {KEY}", "type": KEY, "code": 401, "param": KEY, "detail": [KEY]}
    return replying({"error": error, KEY: KEY}, status, (("x-trace-id", "t"),))


@pytest.mark.parametrize("status", [401, 200])
def test_a_key_that_is_sent_back_is_in_no_file_log_or_error(server, tmp_path, caplog, capfd, status):
    path = tmp_path / "a.jsonl"
    server.reply = echoing(status)
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx", "httpx2", "httpcore", "httpcore2", "asyncio"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    asker = Asker(endpoint(server), path=path, limits=QUICK)
    replies = []
    with pytest.raises(ServiceError) as caught:
        replies.extend(asker.ask([question("a")]))
    error = caught.value
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    texts = [shown, str(error), repr(error), repr(vars(error)), repr(replies), repr(asker), repr(vars(asker))]
    texts += [repr(asker.report), repr(asker.endpoint), caplog.text, *capfd.readouterr()]
    texts += [found.read_text() for found in tmp_path.iterdir()]
    assert "key removed" in path.read_text()
    for text in texts:
        assert KEY not in text
    assert_only(server, KEY)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/v1", "http://127.0.0.1:9", "https://127.0.0.1:9/v1"])
def test_no_connection(url, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("TEST_KEY", KEY)
    caplog.set_level(logging.DEBUG)
    path = tmp_path / "a.jsonl"
    asked = Endpoint(base_url=url, key_env="TEST_KEY", model="m")
    (reply,) = ask([Request(prompt="x")], asked, path=path, limits=AskLimits(tries=2, first_wait=0.01))
    assert reply.completion.fault.type == "connection_error"
    assert KEY not in path.read_text() + caplog.text + repr(reply)


def test_debug_logs_of_the_client_have_no_key(server, tmp_path):
    """As ``OPENAI_LOG=debug`` writes them, in a process of their own."""
    code = (
        "import sys, perceptron_annotations as pa\n"
        "from perceptron_annotations.asking import Endpoint, ask\n"
        "asked = Endpoint(base_url=sys.argv[1], key_env='TEST_KEY', model='m')\n"
        "print(list(ask([pa.Request(prompt='x')], asked, path='a.jsonl')))"
    )
    command = [sys.executable, "-X", "dev", "-W", "ignore", "-c", code, server.url]
    environment = {"TEST_KEY": KEY, "OPENAI_LOG": "debug", "PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert "HTTP" in done.stderr
    assert KEY not in done.stdout + done.stderr + (tmp_path / "a.jsonl").read_text()
    assert_only(server, KEY)


@pytest.mark.parametrize("name", ["PERCEPTRON_API_KEY", "OPENROUTER_API_KEY", "PERCEPTRON_CLOUD_API_KEY"])
def test_the_key_of_a_service_is_named_for_its_host_alone(name):
    with pytest.raises(UsageError, match=f"{name} holds the key of .*, which goes to no other host"):
        Endpoint.of("https://example.org/v1", key_env=name)
    own = {Endpoint.of(service).key_env for service in Service}
    assert name in own
    for service in Service:
        if Endpoint.of(service).key_env != name:
            with pytest.raises(UsageError, match="no other host"):
                Endpoint.of(service, key_env=name)


@pytest.mark.documented("perceptron.cloud", "Its page names `PERCEPTRON_API_KEY`, the variable of another firm")
def test_each_service_has_its_own_variable():
    found = {service: (Endpoint.of(service).base_url, Endpoint.of(service).key_env) for service in Service}
    assert found == {
        Service.PERCEPTRON: ("https://api.perceptron.inc/v1", "PERCEPTRON_API_KEY"),
        Service.OPENROUTER: ("https://openrouter.ai/api/v1", "OPENROUTER_API_KEY"),
        Service.PERCEPTRON_CLOUD: ("https://perceptron.cloud/api/v1", "PERCEPTRON_CLOUD_API_KEY"),
    }
    assert Endpoint.of("perceptron-cloud") == Endpoint.of("perceptron.cloud") == Endpoint.of(Service.PERCEPTRON_CLOUD)
    assert Endpoint.of("https://openrouter.ai/api/v1/") == Endpoint.of("OpenRouter")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("https://me:secret-word@example.org/v1", "no user, password or query"),
        ("https://example.org/v1?key=secret-word", "no user, password or query"),
        ("ftp://example.org/secret-word", "begins with https"),
        ("https:///secret-word", "begins with https"),
        ("perceptrn", "did you mean 'perceptron'"),
    ],
)
def test_addresses_that_are_refused(url, message):
    with pytest.raises(UsageError, match=message) as caught:
        Endpoint.of(url)
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize("name", ["Authorization", "X-API-Key", "api-key", "Cookie", "Proxy-Authorization"])
def test_headers_that_hold_keys_are_refused(name):
    with pytest.raises(UsageError, match="holds a key") as caught:
        Endpoint.of("perceptron", headers={name: "secret-word"})
    assert "secret-word" not in str(caught.value)


def test_documented_headers_are_sent_and_not_recorded(server, tmp_path):
    path = tmp_path / "a.jsonl"
    asked = endpoint(server, headers={"HTTP-Referer": "https://my.site", "X-Title": "my title"})
    assert len(list(ask([question("a")], asked, path=path, limits=QUICK))) == 1
    assert (server.headers[0]["http-referer"], server.headers[0]["x-title"]) == ("https://my.site", "my title")
    assert "my title" not in path.read_text() + repr(asked)


def test_a_key_that_is_not_set_is_told_before_anything_is_asked(server, monkeypatch):
    monkeypatch.delenv("TEST_KEY")
    with pytest.raises(UsageError, match="is read from TEST_KEY: set it"):
        list(ask([question("a")], endpoint(server), limits=QUICK))
    assert server.asked == []


def test_the_key_of_a_client_of_ones_own_is_not_recorded_either(server, tmp_path):
    path = tmp_path / "a.jsonl"
    server.reply = echoing(401)
    client = openai.AsyncOpenAI(api_key=KEY, base_url=server.url)
    with pytest.raises(ServiceError) as caught:
        list(ask([Request(prompt="x")], client, model="m", path=path, limits=QUICK))
    LoopThread.of_process().submit(client.close()).result()
    assert KEY not in path.read_text() + str(caught.value) + repr(caught.value)
