"""What connectors with one Graph client have in common: when it is made, closed, and asked."""

import time
from abc import abstractmethod
from collections.abc import Callable
from datetime import datetime
from functools import cached_property

import httpx

from callbox.connector import AccountSeen, Connector, Refused, Session
from callbox.meta.errors import fault_of
from callbox.meta.graph import Graph
from callbox.moment import now_utc


class GraphConnector(Connector):
    """A connector whose calls all go through `_graph`. `transport` and `sleep` are for tests."""

    def __init__(
        self,
        account: AccountSeen,
        session: Session | None = None,
        *,
        now: Callable[[], datetime] | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(account, session, now=now or now_utc)
        self._transport = transport
        self._sleep = sleep

    @cached_property
    @abstractmethod
    def _graph(self) -> Graph:
        """The client, made when first needed."""

    def close(self) -> None:
        if "_graph" in self.__dict__:
            self._graph.close()

    def _remove(self, node: str) -> None:
        """Delete a node; one that is gone already is success."""
        try:
            self._graph.write("DELETE", f"/{node}")
        except Refused as error:
            fault = fault_of(error)
            if fault is None or not fault.is_gone:
                raise
