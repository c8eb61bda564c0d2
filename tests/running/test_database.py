"""The test database itself: the same roles and walls as in production."""

import pytest
from django.db import connection


@pytest.mark.django_db
def test_tests_run_as_the_application() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, session_user")
        assert cursor.fetchone() == ("callbox_app", "callbox_app")
