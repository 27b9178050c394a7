"""Every instrument of the platform; OpenTelemetry's names where it has one, in Prometheus' spelling.

Labels are bounded: queues, handlers, fact types, route templates. Never an id, never a person.
"""

from prometheus_client import Counter, Gauge, Histogram

SYSTEM = "rabbitmq"
_SHORT = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_LONG = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0, 30.0, 300.0, 3600.0)

http_seconds = Histogram(
    "http_server_request_duration_seconds",
    "Time to answer a request",
    ["http_request_method", "http_route", "http_response_status_code"],
    buckets=_SHORT,
)
sent = Counter(
    "messaging_client_sent_messages_total",
    "Messages the broker confirmed",
    ["messaging_system", "messaging_destination_name"],
)
publish_seconds = Histogram(
    "messaging_client_operation_duration_seconds",
    "Time from publishing a batch to its last confirm",
    ["messaging_system", "messaging_operation_name"],
    buckets=_SHORT,
)
consumed = Counter(
    "messaging_client_consumed_messages_total",
    "Messages dealt with and acknowledged",
    ["messaging_system", "messaging_destination_name"],
)
process_seconds = Histogram(
    "messaging_process_duration_seconds",
    "Time to react to a message, or to fold a batch",
    ["messaging_system", "messaging_destination_name"],
    buckets=_SHORT,
)
outbox_depth = Gauge("outbox_depth", "Facts not yet confirmed by the broker, as the leader sees")
outbox_oldest_seconds = Gauge("outbox_oldest_seconds", "Age of the oldest unsent fact")
relay_leader = Gauge("relay_leader", "1 while this process is the relay's leader")
critical_time = Histogram(
    "critical_time_seconds",
    "Time from what happened to what it led to elsewhere, waiting included",
    ["consumer", "type"],
    buckets=_LONG,
)
inbox_duplicates = Counter("inbox_duplicates_total", "Repeats of handled facts", ["handler"])
parked_total = Counter("parked_total", "Messages parked since the start", ["consumer"])
divergence_found = Counter(
    "view_divergence_total", "Differences that comparisons with the sources found", ["of"]
)
