"""The broker: its topology, pipelined publishing, batched consuming. Only this imports pika."""

from crm_chassis.broker.consumer import BrokerAway, Consumer, Delivery, QueueGone
from crm_chassis.broker.publisher import Message, Publisher
from crm_chassis.broker.topology import definitions, difference
from crm_chassis.broker.unusable import Unusable

__all__ = [
    "BrokerAway",
    "Consumer",
    "Delivery",
    "Message",
    "Publisher",
    "QueueGone",
    "Unusable",
    "definitions",
    "difference",
]
