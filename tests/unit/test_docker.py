"""The container files, as far as they can be checked without an engine."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot import config

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
OURS = ("door", "worker", "rasa")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, argument), lines joined and comments left out."""
    text = (DOCKER / "Dockerfile").read_text("utf-8")
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ")
    return [
        (line.split(None, 1)[0], line.split(None, 1)[1].strip())
        for line in joined.splitlines()
        if line.strip()
    ]


def stages() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """The instructions of the build stage and of the final one."""
    steps = instructions()
    starts = [at for at, (name, _) in enumerate(steps) if name == "FROM"]
    assert len(starts) == 2
    return steps[starts[0] : starts[1]], steps[starts[1] :]


def copied() -> dict[str, str]:
    """Source in the build context → destination, for every file the build stage takes in."""
    found = {}
    for name, argument in stages()[0]:
        if name == "COPY":
            *sources, target = argument.split()
            for source in sources:
                inside = target.rstrip("/") + "/" + Path(source).name
                found[source] = inside if target.endswith("/") else target
    return found


def ignored(path: str) -> bool:
    """Whether the build context leaves this file out, by the last pattern that fits."""
    out = False
    for line in (DOCKER / "Dockerfile.dockerignore").read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        pattern = line.removeprefix("!").removeprefix("**/")
        parts = [path, *map(str, Path(path).parents)]
        names = [Path(part).name for part in parts] if "**/" in line else parts
        if any(fnmatch.fnmatch(name, pattern) for name in names):
            out = not line.startswith("!")
    return out


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((DOCKER / "compose.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """/app as the image would have it: what is tracked or new, copied, nothing else."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True
    )
    if listed.returncode:
        pytest.skip("not a git checkout: the files of the image cannot be told from the others")
    app = tmp_path_factory.mktemp("image")
    for name in listed.stdout.splitlines():
        source = next((s for s in copied() if name == s or name.startswith(s + "/")), None)
        if source is None or ignored(name) or not (ROOT / name).exists():
            continue
        target = copied()[source] + name.removeprefix(source)
        if target.startswith("/app/"):
            place = app / target.removeprefix("/app/")
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place)
    return app


def run_in(image: Path, code: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=image,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_everything_the_build_copies_is_there_and_not_ignored():
    for source in copied():
        assert (ROOT / source).exists(), source
        assert not ignored(source), source


def test_every_package_of_the_house_is_in_the_image():
    packages = set(PROJECT["tool"]["importlinter"]["root_packages"])
    assert packages <= set(copied())


def test_nothing_private_and_no_test_enters_the_build():
    for name in (
        ".env",
        "data/ankang.db",
        "docker/secrets/master_key",
        "tests/conftest.py",
        ".git/config",
        "docker/compose.yaml",
        "bot/__pycache__/config.pyc",
    ):
        assert ignored(name), name
    assert not ignored("prompts/answer.md")


def test_the_copied_tree_holds_every_file_its_rooms_read(image):
    ran = run_in(
        image,
        "import bot.config, bot.ports.rasa, risk; from prompts import render;"
        "from bot.store.migrate import newest; risk.check(); print(newest());"
        "render('answer', language_name='', facts=[], months=[], memories=[], readings=[],"
        " today='', clinic='')",
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.strip()


def test_no_data_file_of_the_rooms_is_left_out_of_the_build():
    for room in PROJECT["tool"]["importlinter"]["root_packages"]:
        for path in (ROOT / room).rglob("*"):
            if path.is_file() and path.suffix not in (".pyc", ".swp", ".tmp"):
                name = str(path.relative_to(ROOT))
                assert not ignored(name), name


def test_the_final_image_runs_as_nobody_special_and_says_how_it_is():
    _, final = stages()
    found = dict(final)
    assert found["USER"] == "10001:10001"
    assert json.loads(found["ENTRYPOINT"]) == ["/usr/local/bin/ankang"]
    assert "healthcheck.py" in found["HEALTHCHECK"]
    assert "ANKANG_DEMO=false" in found["ENV"]


def test_the_final_image_has_no_build_tools_and_takes_only_what_was_built():
    _, final = stages()
    text = " ".join(argument for _, argument in final)
    assert not re.search(r"build-essential|\bgcc\b|python3?-dev|\bgit\b", text)
    assert "pip uninstall" in text
    for name, argument in final:
        if name == "COPY":
            assert argument.startswith("--from=build ")


def test_no_index_and_no_secret_is_written_into_the_image():
    text = (DOCKER / "Dockerfile").read_text("utf-8")
    assert "://" not in text
    for name, argument in instructions():
        if name == "ARG" and "INDEX" in argument:
            assert argument.endswith('=""')
    assert not re.search(r"(TOKEN|PASSWORD|_KEY)=", text)


def test_torch_comes_in_the_pinned_version_and_the_rest_by_hash():
    build = " ".join(argument for name, argument in stages()[0] if name == "RUN")
    assert "--require-hashes" in build
    pattern = re.search(r"sed -n '([^']*)'", build)
    assert pattern
    found = subprocess.run(
        ["sed", "-n", pattern[1], "pyproject.toml"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    [pinned] = [d for d in PROJECT["project"]["dependencies"] if d.startswith("torch==")]
    assert found == pinned


@pytest.mark.parametrize("script", ["entrypoint.sh", "make-secrets.sh"])
def test_a_script_is_good_shell_and_may_be_run(script):
    assert os.access(DOCKER / script, os.X_OK)
    checked = subprocess.run(["sh", "-n", str(DOCKER / script)], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "environment", "wanted"),
    [
        (["serve"], {}, ["-m bot migrate", "-m bot serve"]),
        (["work"], {"ANKANG_MIGRATE": "no"}, ["-m bot work"]),
        ([], {}, ["-m bot migrate", "-m bot run"]),
        (["enrol", "a b"], {}, ["-m bot enrol a b"]),
    ],
)
def test_the_entrypoint_migrates_and_becomes_the_role(tmp_path, arguments, environment, wanted):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n')
    python.chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    subprocess.run(
        ["sh", str(DOCKER / "entrypoint.sh"), *arguments],
        check=True,
        env={"PATH": path, **environment},
    )
    assert (tmp_path / "calls").read_text().splitlines() == wanted


def test_the_entrypoint_starts_nothing_when_the_tables_cannot_be_brought_up(tmp_path):
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\nexit 3\n')
    python.chmod(0o755)
    ran = subprocess.run(
        ["sh", str(DOCKER / "entrypoint.sh"), "serve"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
    )
    assert ran.returncode == 3
    assert (tmp_path / "calls").read_text().splitlines() == ["-m bot migrate"]


def test_the_services_are_those_of_a_grown_house(compose):
    assert set(compose["services"]) == {"postgres", "chroma", *OURS}
    assert compose["services"]["worker"]["deploy"]["replicas"] == 2


@pytest.mark.parametrize("name", ["postgres", "chroma", *OURS])
def test_every_service_is_shut_in_and_looked_after(compose, name):
    service = compose["services"][name]
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "/tmp" in service["tmpfs"][0]
    image, _, tag = service["image"].partition(":")
    assert image
    assert tag not in ("", "latest")
    # Chroma's image has no user of its own; see the comment there.
    assert name == "chroma" or service["user"] in ("postgres", "10001:10001")


def test_only_the_door_and_the_action_server_are_published_and_only_on_this_machine(compose):
    for name, service in compose["services"].items():
        ports = service.get("ports", [])
        assert bool(ports) == (name in ("door", "rasa"))
        assert all(port.startswith("127.0.0.1:") for port in ports)
    assert compose["networks"]["inside"]["internal"] is True
    for name in ("postgres", "chroma"):
        assert compose["services"][name]["networks"] == ["inside"]


def test_secrets_travel_as_files_and_only_to_whom_needs_them(compose):
    for service in compose["services"].values():
        given = {
            value.removeprefix("/run/secrets/")
            for key, value in service.get("environment", {}).items()
            if key.endswith("_FILE")
        }
        assert given == set(service.get("secrets", []))
        for key in service.get("environment", {}):
            assert not re.search(r"(TOKEN|PASSWORD|_KEY|_SECRET|DATABASE_URL)$", key), key
    assert "telegram_token" not in compose["services"]["rasa"]["secrets"]


def test_every_setting_given_is_one_that_exists(compose):
    for name in OURS:
        for key in compose["services"][name]["environment"]:
            field = key.removeprefix("ANKANG_").removesuffix("_FILE").lower()
            assert field == "migrate" or field in config.Settings.model_fields, key


def test_every_named_volume_network_and_secret_is_declared(compose):
    for service in compose["services"].values():
        for volume in service.get("volumes", []):
            assert volume.partition(":")[0] in compose["volumes"]
        assert set(service["networks"]) <= set(compose["networks"])
        assert set(service.get("secrets", [])) <= set(compose["secrets"])


def test_the_chroma_server_is_the_version_of_its_client(compose):
    [pinned] = [d for d in PROJECT["project"]["dependencies"] if d.startswith("chromadb==")]
    assert compose["services"]["chroma"]["image"].endswith(":" + pinned.partition("==")[2])


def test_the_secrets_made_are_those_wanted_and_are_never_made_twice(tmp_path, compose, monkeypatch):
    script = tmp_path / "make-secrets.sh"
    shutil.copy(DOCKER / "make-secrets.sh", script)
    subprocess.run(["sh", str(script)], check=True, capture_output=True)
    made = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert set(made) == set(compose["secrets"])
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    subprocess.run(["sh", str(script)], check=True, capture_output=True)
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == made
    monkeypatch.chdir(tmp_path)
    for key, value in compose["services"]["rasa"]["environment"].items():
        if key.endswith("_FILE"):
            monkeypatch.setenv(key, value.replace("/run", str(tmp_path)))
    settings = config.load()
    assert settings.store_url.startswith("postgresql+psycopg://ankang:")
    assert made["postgres_password"] in settings.store_url
    assert len(settings.rasa_token.get_secret_value()) >= 16


class _Health(BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/health" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def console() -> Iterator[tuple[type[_Health], int]]:
    handler = type("Handler", (_Health,), {})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield handler, server.server_port
        server.shutdown()
        thread.join()


def check(*arguments: str, **environment: str) -> int:
    return subprocess.run(
        [sys.executable, str(DOCKER / "healthcheck.py"), *arguments],
        capture_output=True,
        env={"PATH": os.environ["PATH"], **environment},
        timeout=30,
    ).returncode


def test_the_healthcheck_tells_a_well_console_from_a_sick_one_and_from_none(console):
    handler, port = console
    assert check("console", ANKANG_PORT=str(port)) == 0
    assert check("rasa", ANKANG_RASA_PORT=str(port)) == 0
    handler.status = 503
    assert check("console", ANKANG_PORT=str(port)) == 1
    assert check("console", ANKANG_PORT="1") == 1


def test_the_healthcheck_of_a_worker_wants_the_process_and_its_database(console):
    _, port = console
    url = f"postgresql+psycopg://u:p@127.0.0.1:{port}/x"
    role = f"work-{os.getpid()}"  # no worker that happens to run here
    assert check(role, ANKANG_DATABASE_URL=url) == 1
    worker = subprocess.Popen(
        [sys.executable, "-c", "input()", "-m", "bot", role], stdin=subprocess.PIPE
    )
    try:
        assert check(role, ANKANG_DATABASE_URL=url) == 0
        assert check(role, ANKANG_DATABASE_URL="postgresql+psycopg://u:p@127.0.0.1:1/x") == 1
    finally:
        worker.communicate(b"\n", timeout=10)
