"""What the environment must say, and how a fault in it reads."""

import pytest

from crm_chassis import settings
from crm_chassis.testing import environment

pytestmark = pytest.mark.unit


@pytest.fixture
def env(monkeypatch):
    monkeypatch.delenv("CRM_LOG_LEVEL", raising=False)
    for name, value in environment("sales", "postgresql://db", "amqp://broker").items():
        if name.startswith("CRM_"):
            monkeypatch.setenv(name, value)
    return monkeypatch


def read():
    return settings.read(lambda env: settings.deployment(env, "sales"))


class TestDeployment:
    def test_reads_its_environment(self, env):
        env.setenv("CRM_LOG_LEVEL", "debug")

        found = read()

        assert (found.service, found.database_url) == ("sales", "postgresql://db")
        assert (found.http_host, found.threads, found.log_level) == ("127.0.0.1", 8, "DEBUG")
        assert found.peers["contacts"].startswith("http://")

    def test_shows_no_secret_in_its_representation(self, env):
        env.setenv("CRM_DATABASE_URL", "postgresql://u:secret@h/d")
        env.setenv("CRM_AMQP_URL", "amqp://u:secret@h/d")
        env.setenv("CRM_OPS_TOKEN", "secret")
        env.setenv("CRM_SIGNING_KEY", '{"d": "secret"}')

        assert "secret" not in repr(read())

    def test_takes_secrets_from_files(self, env, tmp_path):
        (tmp_path / "url").write_text("postgresql://from-file\n")
        env.delenv("CRM_DATABASE_URL")
        env.setenv("CRM_DATABASE_URL_FILE", str(tmp_path / "url"))

        assert read().database_url == "postgresql://from-file"


class TestFault:
    def test_names_every_fault_at_once_and_exits_78(self, env, capsys):
        for name in ("CRM_DATABASE_URL", "CRM_OPS_TOKEN", "CRM_SIGNING_KEY"):
            env.delenv(name)
        env.setenv("CRM_HTTP_PORT", "eighty")
        env.setenv("CRM_PEERS", "{nonsense")

        with pytest.raises(SystemExit) as left:
            read()

        told = capsys.readouterr().err
        assert left.value.code == 78
        assert [line.split(":")[0] for line in sorted(told.splitlines())] == [
            "CRM_DATABASE_URL",
            "CRM_HTTP_PORT",
            "CRM_OPS_TOKEN",
            "CRM_PEERS",
            "CRM_SIGNING_KEY",
        ]

    def test_of_a_file_that_is_not_there_is_named(self, env, capsys):
        env.delenv("CRM_OPS_TOKEN")
        env.setenv("CRM_OPS_TOKEN_FILE", "/nowhere/at/all")

        with pytest.raises(SystemExit) as left:
            read()

        assert left.value.code == 78
        assert "CRM_OPS_TOKEN_FILE" in capsys.readouterr().err
