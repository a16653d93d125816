from collections.abc import Iterator

import pytest

from tests.transport.provider import Provider, provider_running


@pytest.fixture
def provider() -> Iterator[Provider]:
    with provider_running() as running:
        yield running
