"""What ties a process to its parent, and to its port."""

import ctypes
import errno
import os
import signal
import socket
import sys

_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def die_with_parent(parent: int, last_signal: signal.Signals = signal.SIGKILL) -> None:
    """Ask the kernel to end this process when its parent ends, however that happens (prctl(2), PR_SET_PDEATHSIG).

    The tie is to the thread that forked: a parent forks from a thread that lives as long as itself. Linux only; elsewhere nothing is done.

    Args:
        parent: the parent's process id, taken before the fork.
        last_signal: what this process receives then.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, int(last_signal), 0, 0, 0)
    if os.getppid() != parent:  # it ended between the fork and this line
        os.kill(os.getpid(), last_signal)


def is_port_free(address: str, port: int) -> bool:
    """Tell whether nobody listens on this address and port.

    The server shares its port between its processes (SO_REUSEPORT), so that a second server would start on the same port without a word.

    Raises:
        OSError: The address is not one of this machine, or may not be used.
    """
    family, kind, protocol, _, place = socket.getaddrinfo(address, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        # Without it, connections that have just been closed would count as a listener.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise
    return True
