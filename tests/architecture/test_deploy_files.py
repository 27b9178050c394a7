"""The files of a deployment hold what they promise, without any container engine."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.unit
ROOT = Path(__file__).resolve().parents[2]
SERVICES = ("contacts", "sales", "marketing", "support", "gateway")
ROLES = ("serve", "relay", "work")
COMPOSE = ROOT / "docker-compose.yml"
MANIFESTS = sorted(f for f in (ROOT / "deploy/k8s/base").glob("*.yaml"))


def tool(name: str, *words: object) -> None:
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    assert found, f"{name} is missing: make venv"

    done = subprocess.run(
        [found, *map(str, words)], capture_output=True, text=True, cwd=ROOT, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def compose() -> dict:
    return yaml.safe_load(COMPOSE.read_text())["services"]


class TestCompose:
    def test_is_a_valid_compose_file(self):
        tool("check-jsonschema", "--builtin-schema", "vendor.compose-spec", COMPOSE)

    @pytest.mark.parametrize("service", SERVICES)
    def test_runs_every_role_after_its_migration(self, service):
        described = compose()

        for role in ROLES:
            assert f"{service}-migrate" in described[f"{service}-{role}"]["depends_on"]
            assert "probe" in described[f"{service}-{role}"]["healthcheck"]["test"]

    def test_publishes_ports_of_this_machine_only(self):
        published = [port for service in compose().values() for port in service.get("ports", [])]

        assert published
        assert all(port.startswith("127.0.0.1:") for port in published)

    def test_holds_no_secret(self):
        for name, service in compose().items():
            for key, value in service.get("environment", {}).items():
                secret = any(word in key for word in ("PASSWORD", "TOKEN", "KEY", "SECRET", "_URL"))
                public = key in ("CRM_PUBLIC_URL", "CRM_FILES_URL", "CRM_SMTP_URL")
                assert key.endswith("_FILE") or public or not secret, f"{name}: {key}={value}"


class TestImages:
    @pytest.mark.parametrize(
        "file", ["deploy/docker/Dockerfile", *(f"services/{s}/Dockerfile" for s in SERVICES)]
    )
    def test_passes_hadolint(self, file):
        tool("hadolint", "--config", ".hadolint.yaml", file)

    @pytest.mark.parametrize("service", SERVICES)
    def test_runs_without_root(self, service):
        text = (ROOT / f"services/{service}/Dockerfile").read_text()

        assert "USER 10001" in text
        assert f"install-service {service}" in text


class TestKubernetes:
    @pytest.mark.parametrize(
        "file", [f for f in MANIFESTS if f.name != "kustomization.yaml"], ids=lambda f: f.name
    )
    def test_is_valid(self, file):
        tool("kubernetes-validate", "--strict", file)

    @pytest.mark.parametrize("service", SERVICES)
    def test_every_role_has_probes_and_time_to_drain(self, service):
        documents = list(yaml.safe_load_all((ROOT / f"deploy/k8s/base/{service}.yaml").read_text()))
        deployments = {d["metadata"]["name"]: d for d in documents if d["kind"] == "Deployment"}

        assert {f"{service}-{role}" for role in ROLES} == set(deployments)
        for deployment in deployments.values():
            pod = deployment["spec"]["template"]["spec"]
            assert pod["terminationGracePeriodSeconds"] >= 30
            assert {"livenessProbe", "readinessProbe", "startupProbe"} <= set(pod["containers"][0])

    def test_lists_every_manifest(self):
        listed = yaml.safe_load((ROOT / "deploy/k8s/base/kustomization.yaml").read_text())[
            "resources"
        ]

        assert sorted(listed) == [f.name for f in MANIFESTS if f.name != "kustomization.yaml"]


class TestTexts:
    def test_yaml_is_tidy(self):
        tool("yamllint", "--strict", COMPOSE, ROOT / "deploy", ROOT / ".pre-commit-config.yaml")

    def test_shell_scripts_pass_shellcheck(self):
        scripts = [
            ROOT / ".ci/run",
            *(ROOT / "deploy").rglob("*.sh"),
            *(ROOT / "deploy/docker/bin").iterdir(),
        ]

        tool("shellcheck", ROOT / "requirements/lock.sh", *scripts)

    @pytest.mark.parametrize(
        "lock", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda f: f.name
    )
    def test_locks_are_hashed_and_name_no_index(self, lock):
        text = lock.read_text()

        assert "://" not in text
        assert "--hash=sha256:" in text

    def test_locks_have_all_that_is_asked_for(self):
        done = subprocess.run(
            [ROOT / "deploy/local/locks-fresh.sh"], capture_output=True, text=True, check=False
        )

        assert done.returncode == 0, done.stdout
