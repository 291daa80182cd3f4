"""The edge to whoever watches the service: a monitor that asks, a person who is called, systemd that restarts.

It decides nothing and knows no database; it gets values and says them. What it can't say stops nothing.
"""

from helpdesk.health.courier import Heartbeat, Webhook
from helpdesk.health.server import answering
from helpdesk.health.systemd import Systemd

__all__ = ["Heartbeat", "Systemd", "Webhook", "answering"]
