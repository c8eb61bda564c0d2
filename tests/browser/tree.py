"""The product as a newcomer has it: the whole supervised tree with the practice city, in a folder
of its own, and a way to look into its database from outside."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from callbox.running.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "practice-city"


class Tree:
    """One `callbox serve` on a free port of 127.0.0.1."""

    def __init__(self, home: Path) -> None:
        self.home = home
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.environ = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("CALLBOX_", "DATABASE_", "DJANGO_"))
        } | {
            "PORT": str(self.port),
            "CALLBOX_HOME": str(home),
            "CALLBOX_PRACTICE": "1",
            "PYTHONPATH": str(ROOT / "src"),
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, within: float = 120.0) -> None:
        """Start it and wait until /healthz says that everything is ready."""
        with (self.home / "serve.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "callbox.running.serve"],
                env=self.environ,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + within
        while not self.is_ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.home / "serve.log").read_text()[-4000:])
            time.sleep(0.1)

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/healthz", timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)

    def ask(self, code: str, **values: Any) -> Any:
        """Run Python beside the tree, on its database as its web role; what it puts in `answer`.

        `agency` is the practice city; `values` are names in the code.
        """
        environ = self.environ | {
            "DATABASE_URL": Cluster(self.home).url("callbox_app"),
            "DJANGO_SETTINGS_MODULE": "callbox.settings",
        }
        done = subprocess.run(
            [sys.executable, "-c", _BEGIN + code + _END, json.dumps(values)],
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-3000:])
        return json.loads(done.stdout.splitlines()[-1])


_BEGIN = """
import json, sys
import django
django.setup()
from callbox.models.people import Agency
from callbox.scope import acting_for
agency = Agency.objects.get()
globals().update(json.loads(sys.argv[1]))
answer = None
"""
_END = """
print(json.dumps(answer, default=str))
"""

CONNECT = """
from callbox.actions import accounts
from callbox.models.people import Unit
identity, session = accounts.try_login(network, config, secrets)
with acting_for(agency.id):
    unit = Unit.objects.get(code="011")
account = accounts.connect(None, agency.id, network, unit.id, identity, config=config,
    secrets=secrets, session=session)
answer = str(account.id)
"""

RECORD = """
from callbox.models.inbox import Conversation
from callbox.models.posts import Delivery
from callbox.queries import records
with acting_for(agency.id):
    sent = Delivery.objects.select_related("post").get(post__text__contains=text)
    answer = {
        "state": sent.state,
        "external_id": sent.external_id,
        "confirmed": sent.confirmed_at is not None,
        "history": [str(one.happening) for one in records.history(sent.conversation_id)],
        "sent": records.tally(agency.created_at).get("reply_sent", 0),
    }
"""
