"""The server that the tests run against ends with whoever started it."""

import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

pytestmark = pytest.mark.network
ROOT = Path(__file__).parents[5]
PARENT = """
import sys, time
from tests.servers.mastodon import mastodon_server
with mastodon_server() as server:
    print(server.url, flush=True)
    time.sleep(60)
"""


def test_a_killed_parent_takes_its_server_along() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        url = parent.stdout.readline().strip()
        assert httpx.get(f"{url}/api/v1/instance", trust_env=False).status_code == 200
        parent.kill()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            httpx.get(url, trust_env=False)
        except httpx.ConnectError:
            return
        except httpx.HTTPError:  # on its way out
            pass
        time.sleep(0.1)
    pytest.fail("The server is still there.")
