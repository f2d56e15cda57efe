"""For this machine only: what is listened on, and whose requests are answered.

A page on the web can make its visitor's browser call localhost, under its own name (DNS rebinding:
the Host says so) or under ours (the Origin says so). REST APIs leave the second to their CORS.
"""

import contextlib
import re
import socket
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from starlette.datastructures import Headers
from starlette.types import Scope

from infra.local.errors import PortTaken

ATTEMPTS_FOR_A_FREE_PORT = 20
FOREIGN_HOST = "embedded AWS: the Host is not of this machine. Call it by http://localhost:PORT"
FOREIGN_PAGE = "embedded AWS: pages of other origins may call REST APIs only"
_LOCAL = re.compile(r"(localhost|[\w.-]+\.localhost|127\.0\.0\.1|\[::1\])(:\d+)?", re.IGNORECASE)


def is_addressed(scope: Scope) -> bool:
    """Whether the Host header names this machine."""
    return _LOCAL.fullmatch(Headers(scope=scope).get("host", "")) is not None


def is_from_elsewhere(scope: Scope) -> bool:
    """Whether a browser sends this for a page that is not this machine's."""
    origin = Headers(scope=scope).get("origin")
    return origin is not None and _LOCAL.fullmatch(urlsplit(origin).netloc) is None


def listen(port: int) -> list[socket.socket]:
    """Sockets bound to 127.0.0.1 and, where the machine has it, ::1, on one port.

    Both, because clients say "localhost" and may try either first. `port` 0 takes a free one.
    Raises PortTaken.
    """
    for _ in range(ATTEMPTS_FOR_A_FREE_PORT if port == 0 else 1):
        with contextlib.ExitStack() as opened:
            first = opened.enter_context(_bind(socket.AF_INET, "127.0.0.1", port))
            chosen = first.getsockname()[1]
            try:
                second = _bind(socket.AF_INET6, "::1", chosen) if _has_ipv6_loopback() else None
            except PortTaken:
                if port == 0:
                    continue
                raise
            opened.pop_all()
            return [first] if second is None else [first, second]
    raise PortTaken(port, "no port was free on both 127.0.0.1 and ::1")


def past_proxies() -> dict[str, str]:
    """What a client's environment needs where there is a proxy, to which localhost is itself."""
    proxies = getproxies()
    if not proxies or proxy_bypass("localhost"):
        return {}
    # In small letters, which win over large ones.
    return {"no_proxy": ",".join(filter(None, (proxies.get("no"), "localhost")))}


def _bind(family: socket.AddressFamily, address: str, port: int) -> socket.socket:
    # Named, or asyncio does not set TCP_NODELAY and each answer waits 40 ms for an ACK.
    sock = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((address, port))
        sock.listen(512)
    except OSError as error:
        sock.close()
        raise PortTaken(port, error.strerror or str(error)) from error
    return sock


def _has_ipv6_loopback() -> bool:
    if not socket.has_ipv6:
        return False
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
