"""A stand-in before a real server: everything goes through, except what is made to fail.

Real servers cannot be asked to lose an answer. This one loses it on their behalf.
"""

import httpx

from tests.servers.standin import Answer, Call, StandIn

_DROPPED = {"content-length", "content-encoding", "transfer-encoding", "connection", "date"}


class Relay(StandIn):
    """Passes calls on to `target`, and can break any of them (`StandIn.fault`)."""

    def __init__(self, target: str) -> None:
        self._client = httpx.Client(base_url=target, trust_env=False, timeout=30)
        super().__init__()

    def close(self) -> None:
        super().close()
        self._client.close()

    def _served(self, call: Call) -> Answer:
        headers = {
            name: value
            for name, value in call.headers.items()
            if name not in ("host", "content-length", "connection", "accept-encoding")
        }
        path = call.path + (f"?{call.raw_query}" if call.raw_query else "")
        answer = self._client.request(call.method, path, headers=headers, content=call.body)
        kept = {
            name: value for name, value in answer.headers.items() if name.lower() not in _DROPPED
        }
        return Answer(answer.status_code, answer.content, kept)
