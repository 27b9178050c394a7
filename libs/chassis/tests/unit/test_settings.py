"""What the environment must say, and how a fault in it reads."""

import json

import pytest

from crm_chassis import settings
from crm_chassis.testing import environment, keys

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
        env.setenv("CRM_OPS_TOKEN", "top-secret")
        key = json.dumps(keys("sales")[0])
        env.setenv("CRM_SIGNING_KEY", key)

        shown = repr(read())
        assert "secret" not in shown
        assert json.loads(key)["d"] not in shown

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

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("CRM_DATABASE_URL", "mysql://host/x"),
            ("CRM_DATABASE_URL", "postgresql:///x"),
            ("CRM_AMQP_URL", "amqp://host:eighty"),
            ("CRM_HTTP_PORT", "70000"),
            ("CRM_OPS_TOKEN", "short"),
            ("CRM_PEERS", '["http://x"]'),
            ("CRM_PEERS", '{"sales": "ftp://x"}'),
            ("CRM_PEERS", '{"sales": 5}'),
            ("CRM_LOG_LEVEL", "loud"),
            ("CRM_THREADS", "0"),
            ("CRM_DRAIN_SECONDS", "-1"),
            ("CRM_SIGNING_KEY", "nonsense"),
            ("CRM_SIGNING_KEY", "[]"),
            ("CRM_SIGNING_KEY", "{}"),
            ("CRM_SIGNING_KEY", json.dumps(keys("sales")[1])),
            (
                "CRM_SIGNING_KEY",
                json.dumps({k: v for k, v in keys("sales")[0].items() if k != "kid"}),
            ),
            ("CRM_TOKEN_KEYS", "nonsense"),
            ("CRM_TOKEN_KEYS", '{"keys": []}'),
            ("CRM_TOKEN_KEYS", '{"keys": [{"kty": "RSA"}]}'),
            ("CRM_TOKEN_KEYS", '{"keys": [5]}'),
        ],
    )
    def test_of_any_value_is_named_without_showing_it(self, env, capsys, name, value):
        env.setenv(name, value)

        with pytest.raises(SystemExit) as left:
            read()

        told = capsys.readouterr().err
        assert (left.value.code, told.split(":")[0], told.count("\n")) == (78, name, 1)
        assert value not in told
