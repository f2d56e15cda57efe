"""Lambda's Extensions API, which lets a thread of the function work on after an answer.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html
"""

import json
from dataclasses import dataclass, field

import urllib3

from functions.inference.errors import ServingError

NAME = "lambent-shadow"
REGISTER_SECONDS = 2.0


class ExtensionRefused(ServingError):
    """Lambda does not take the thread for an extension."""


@dataclass(frozen=True, slots=True)
class Invocation:
    """One request, of which an extension learns no more. deadline: seconds since 1970."""

    request_id: str
    deadline: float


@dataclass(slots=True)
class ExtensionsApi:
    """An internal extension; address: host and port in AWS_LAMBDA_RUNTIME_API."""

    address: str
    _identifier: str = ""
    _http: urllib3.PoolManager = field(default_factory=urllib3.PoolManager)

    def register(self) -> None:
        """In the init phase, for it is refused later. Raises ExtensionRefused."""
        answer = self._call(
            "POST",
            "register",
            {"Lambda-Extension-Name": NAME},
            json.dumps({"events": ["INVOKE"]}).encode(),
            REGISTER_SECONDS,
        )
        self._identifier = answer.headers.get("Lambda-Extension-Identifier", "")

    def next(self) -> Invocation:
        """Say that all is done, and wait for the next request, however long the sandbox is frozen.

        Raises ExtensionRefused.
        """
        answer = self._call(
            "GET", "event/next", {"Lambda-Extension-Identifier": self._identifier}, None, None
        )
        told = answer.json()
        return Invocation(told.get("requestId", ""), told.get("deadlineMs", 0) / 1000)

    def _call(
        self,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes | None,
        seconds: float | None,
    ) -> urllib3.BaseHTTPResponse:
        url = f"http://{self.address}/2020-01-01/extension/{path}"
        try:
            answer = self._http.request(
                method, url, body=body, headers=headers, timeout=seconds, retries=False
            )
        except urllib3.exceptions.HTTPError as error:
            raise _refused(path, f"cannot be reached ({type(error).__name__})") from None
        if answer.status != 200:
            raise _refused(path, f"answered {answer.status}")
        return answer


def _refused(path: str, what: str) -> ExtensionRefused:
    return ExtensionRefused(f"Extensions API {path}", what, "Requests are not copied meanwhile")
