"""The API against its own description, with requests that nobody would think of."""

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from aggregator.serve.app import make_app
from tests.serve.conftest import make_desk

SCHEMA = schemathesis.openapi.from_asgi("/api/v1/openapi.json", make_app(make_desk()))

pytestmark = pytest.mark.slow


@SCHEMA.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_conforms_and_none_is_a_server_error(case: schemathesis.Case[Any]) -> None:
    case.call_and_validate(
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ]
    )
