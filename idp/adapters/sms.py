"""What sends texts: the console, a file, or an operator's HTTP gateway."""

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Protocol, TextIO

import requests

from idp.adapters.json_lines import append_line
from idp.adapters.sending import NeverSent, NotSentYet


class SmsUnavailable(NotSentYet):
    """The text did not leave, and may be tried again. The message names the cause, never the number or the text."""


class SmsRefused(NeverSent):
    """The text will never leave. The message names the cause, never the number or the text."""


class SmsSender(Protocol):
    """Sends one text. `tests/contracts/test_sms_senders.py` is what each sender must meet."""

    def send(self, recipient: str, body: str) -> None:
        """Send `body` to `recipient` (E.164) and return once it is accepted.

        Raises:
            SmsUnavailable: Not now; trying again may help.
            SmsRefused: Never.
        """


class ConsoleSms:
    """Says on a stream that a text left, and neither to whom nor what: consoles end up in logs (guarantee 12).

    On a test instance the texts themselves are on the simulated phone.

    Args:
        stream: Where to write; standard error when None.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    def send(self, recipient: str, body: str) -> None:
        """Write one line.

        Raises:
            SmsUnavailable: The stream is closed.
        """
        del recipient
        stream = self._stream or sys.stderr
        try:
            stream.write(f"SMS: a text of {len(body)} characters left\n")
            stream.flush()
        except (OSError, ValueError) as failure:  # ValueError: closed
            raise SmsUnavailable("the console cannot be written") from failure


class FileSms:
    """Appends one JSON line, with members `to` and `text`, to a file readable by its owner alone.

    Args:
        path: The file; its directory is made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def send(self, recipient: str, body: str) -> None:
        """Append one line.

        Raises:
            SmsUnavailable: The file cannot be written.
        """
        try:
            append_line(self._path, {"to": recipient, "text": body})
        except OSError as failure:
            raise SmsUnavailable(
                f"the file of texts cannot be written: {(failure.strerror or '').lower()}"
            ) from failure


# Not the text's fault: a key being changed at the gateway (401, 403), a slow network (408), too many at once (429).
_OF_THE_MOMENT = frozenset({401, 403, 408, 429})


class HttpSms:
    """Sends through an operator's gateway: any that takes one HTTP request for each text.

    Args:
        url: Where to send the request.
        template: The body. ``{to}`` and ``{text}`` stand inside JSON strings and are escaped.
        headers: Headers to add, an API key for example.
        method: HTTP method.
        timeout: Longest wait for a connection, and again between two bytes of the answer, in seconds.
        around: Entered for each call: bounds how many there are at once, with a `ConnectionError`.
    """

    def __init__(
        self,
        *,
        url: str,
        template: str,
        headers: Mapping[str, str] | None = None,
        method: str = "POST",
        timeout: float = 10,
        around: Callable[[], AbstractContextManager[None]] = nullcontext,
    ) -> None:
        self._url = url
        self._template = template
        self._headers = {"Content-Type": "application/json; charset=utf-8", **(headers or {})}
        self._method = method
        self._timeout = timeout
        self._around = around

    def send(self, recipient: str, body: str) -> None:
        """Ask the gateway; any 2xx means that it took the text.

        Raises:
            SmsUnavailable: No answer in time, too many calls at once, 3xx, 5xx, or 401, 403, 408, 429.
            SmsRefused: Any other 4xx: the gateway will not take this text.
        """
        try:
            with self._around():
                # Redirects are not followed: they would carry the API key and the code to another host.
                answer = requests.request(
                    self._method,
                    self._url,
                    data=self._fill(recipient, body).encode(),
                    headers=self._headers,
                    timeout=self._timeout,
                    allow_redirects=False,
                )
        except (requests.RequestException, ConnectionError) as failure:
            # Without its cause: requests' own sentences may hold the address, and some gateways want the key in it.
            raise SmsUnavailable(f"the gateway did not answer ({type(failure).__name__})") from None
        status = answer.status_code
        if 200 <= status < 300:
            return
        if 400 <= status < 500 and status not in _OF_THE_MOMENT:
            raise SmsRefused(f"the gateway refused the text with status {status}")
        raise SmsUnavailable(f"the gateway answered with status {status}")

    def _fill(self, recipient: str, body: str) -> str:
        # Both at once: a text that holds "{to}" stays as it is.
        before, *rest = self._template.split("{text}")
        inner = json.dumps(body, ensure_ascii=False)[1:-1]
        number = json.dumps(recipient)[1:-1]
        return inner.join(part.replace("{to}", number) for part in (before, *rest))


class FictionalNumbersOnly:
    """Keeps a test instance from texting anybody: only numbers that belong to nobody pass.

    Args:
        sender: What sends.
        is_fictional: Tells whether an E.164 number belongs to nobody.
    """

    def __init__(self, sender: SmsSender, is_fictional: Callable[[str], bool]) -> None:
        self._sender = sender
        self._is_fictional = is_fictional

    def send(self, recipient: str, body: str) -> None:
        """Send to a fictional number.

        Raises:
            SmsUnavailable: Not now; trying again may help.
            SmsRefused: The number may be somebody's, or the sender refused.
        """
        if not self._is_fictional(recipient):
            raise SmsRefused("a test instance texts fictional numbers only")
        self._sender.send(recipient, body)
