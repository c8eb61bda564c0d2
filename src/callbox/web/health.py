"""`/healthz`: whether this installation is ready, for supervisors and load balancers.

Answers without a login and tells no more than which part is missing.
"""

import logging

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from callbox.running import presence


class NotHealth(logging.Filter):
    """Keeps "not ready" out of the log of failed requests: it is an answer, and not a failure."""

    def filter(self, record: logging.LogRecord) -> bool:
        """False for a request to us."""
        request = getattr(record, "request", None)
        return getattr(request, "path", "") != "/healthz"


@never_cache
@require_safe
def healthz(_: HttpRequest) -> JsonResponse:
    """200 when web, database and worker are ready, else 503; always `{"web": "ready", ...}`."""
    parts = {"web": "ready"} | _database_and_worker()
    ready = all(state == "ready" for state in parts.values())
    return JsonResponse({"ready": ready} | parts, status=200 if ready else 503)


def _database_and_worker() -> dict[str, str]:
    try:
        with connection.cursor() as cursor:
            cursor.execute(presence.QUESTION, presence.PARAMETERS)
            here, awake = cursor.fetchone() or (False, False)
    except DatabaseError:
        return {"database": "does not answer", "worker": "unknown"}
    worker = "ready" if here and awake else "stuck" if here else "not running"
    return {"database": "ready", "worker": worker}
