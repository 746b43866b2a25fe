"""What every process of the provider needs, whatever it does: logs, the run gate and its line, outbound calls, health, proxies, its parent.

Owns nothing of the school nor of the protocol. Entered by `idp.app`, `idp.serve`, `idp.demo` and `idp.cli`; each of the three programs has
its own, and that repetition is a decision (docs/decisions).
"""

from idp.runtime.bulkhead import OUTBOUND_CALLS, Bulkhead, OutboundRefusedError
from idp.runtime.gate import REQUESTS_AT_ONCE, RunGate
from idp.runtime.gated import BODIES_AT_ONCE, HEADER_BYTES, GatedApplication
from idp.runtime.health import Check, health_blueprint
from idp.runtime.logs import configure_logs, describe_exception, granian_log_config, redact
from idp.runtime.metrics import Metrics, NoMetrics, Recorder
from idp.runtime.metrics_files import counting_directory
from idp.runtime.metrics_listener import Outbox, start_metrics_listener
from idp.runtime.prepared import BusyAnswer, refusals
from idp.runtime.processes import die_with_parent, is_port_free
from idp.runtime.proxies import behind_proxies, caller_address
from idp.runtime.request_log import install_request_log, new_reference
from idp.runtime.tracing import NoTracing, Tracer, Tracing
from idp.runtime.waits import WAITS, Waits

__all__ = [
    "BODIES_AT_ONCE",
    "HEADER_BYTES",
    "OUTBOUND_CALLS",
    "REQUESTS_AT_ONCE",
    "WAITS",
    "Bulkhead",
    "BusyAnswer",
    "Check",
    "GatedApplication",
    "Metrics",
    "NoMetrics",
    "NoTracing",
    "OutboundRefusedError",
    "Outbox",
    "Recorder",
    "RunGate",
    "Tracer",
    "Tracing",
    "Waits",
    "behind_proxies",
    "caller_address",
    "configure_logs",
    "counting_directory",
    "describe_exception",
    "die_with_parent",
    "granian_log_config",
    "health_blueprint",
    "install_request_log",
    "is_port_free",
    "new_reference",
    "redact",
    "refusals",
    "start_metrics_listener",
]
