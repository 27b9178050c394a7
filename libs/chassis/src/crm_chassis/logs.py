"""One JSON event per line on standard output: a verb phrase and keys, no personal data."""

import logging
import sys

import structlog

from crm_chassis import tracing

Event = structlog.typing.EventDict


def configure(service: str, role: str, level: str = "INFO") -> None:
    """Send structlog's and the libraries' logging to standard output as JSON lines."""

    def add_trace(_logger: object, _name: str, event: Event) -> Event:
        event.update(tracing.ids())
        return event

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        add_trace,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("amqp", "kombu", "nameko", "alembic", "werkzeug"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    for alarming in ("pika", "psycopg"):  # they log as errors what we handle: lost links, conflicts
        logging.getLogger(alarming).setLevel(logging.CRITICAL)
    structlog.contextvars.bind_contextvars(service=service, role=role)


def get(name: str) -> logging.Logger:
    """Return a logger; pass keys as `extra={…}`."""
    return logging.getLogger(name)
