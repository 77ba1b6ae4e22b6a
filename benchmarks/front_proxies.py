"""The proxies that stand before a sidecar, each set up as its manual has it.

nginx has the WebSocket snippet and kept connections, HAProxy and Envoy reuse theirs. Each takes
`x-plan` away and sets `x-account`.
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks import servers

NGINX = """
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    upstream gate {{ server 127.0.0.1:{gate}; keepalive 4; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://gate;
            proxy_http_version 1.1;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header X-Plan "";
            proxy_set_header X-Account edge;
        }}
    }}
"""
HAPROXY = """
defaults
    mode http
    timeout connect 10s
    timeout client 60s
    timeout server 60s
    http-reuse always
frontend edge
    bind 127.0.0.1:{port}
    http-request del-header x-plan
    http-request set-header x-account edge
    default_backend gate
backend gate
    server gate 127.0.0.1:{gate} pool-max-conn 4
"""
ENVOY = """
static_resources:
  listeners:
  - address: {{socket_address: {{address: 127.0.0.1, port_value: {port}}}}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": {type}
          stat_prefix: edge
          http_protocol_options: {{enable_trailers: true}}
          upgrade_configs: [{{upgrade_type: websocket}}]
          route_config:
            request_headers_to_remove: [x-plan]
            request_headers_to_add:
            - header: {{key: x-account, value: edge}}
              append_action: OVERWRITE_IF_EXISTS_OR_ADD
            virtual_hosts:
            - name: all
              domains: ["*"]
              routes: [{{match: {{prefix: "/"}}, route: {{cluster: gate, timeout: 0s}}}}]
          http_filters:
          - name: envoy.filters.http.router
            typed_config:
              "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
  clusters:
  - name: gate
    type: STATIC
    typed_extension_protocol_options:
      envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
        "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
        explicit_http_config: {{http_protocol_options: {{enable_trailers: true}}}}
    load_assignment:
      cluster_name: gate
      endpoints:
      - lb_endpoints:
        - endpoint:
            address: {{socket_address: {{address: 127.0.0.1, port_value: {gate}}}}}
"""
MANAGER = (
    "type.googleapis.com/envoy.extensions.filters.network."
    "http_connection_manager.v3.HttpConnectionManager"
)


@contextlib.contextmanager
def nginx(behind: int) -> Iterator[int]:
    """Serve nginx."""
    port = servers.free_port()
    with servers.nginx("nginx", NGINX.format(gate=behind, port=port), port):
        yield port


@contextlib.contextmanager
def configured(name: str, config: str, *command: str, behind: int) -> Iterator[int]:
    """Serve a proxy that takes one file."""
    port = servers.free_port()
    with (
        servers.written(config.format(gate=behind, port=port, type=MANAGER)) as path,
        servers.serve(name, [*command, path], port, None),
    ):
        yield port


def found() -> dict[str, Callable[[int], Any]]:
    """Return the proxies that are here; `ENVOY` names Envoy's program if it is not on the PATH."""
    proxies: dict[str, Callable[[int], Any]] = {}
    haproxy = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin:/usr/local/sbin")
    envoy = os.environ.get("ENVOY") or shutil.which("envoy")
    if servers.has_nginx():
        proxies["nginx"] = nginx
    if haproxy is not None:
        proxies["HAProxy"] = lambda port: configured(
            "HAProxy", HAPROXY, haproxy, "-db", "-f", behind=port
        )
    if envoy is not None:
        options = ("--concurrency", "1", "--disable-hot-restart", "-l", "off", "-c")
        proxies["Envoy"] = lambda port: configured("Envoy", ENVOY, envoy, *options, behind=port)
    return proxies
