import pytest

from airflow_provider_seventime.loopback import is_loopback


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1"])
def test_an_address_of_this_machine_is_loopback(host):
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "::2", "10.0.0.1", "192.168.1.5", "127.1", "localhost.example", "sandbox.example"]
)
def test_an_address_that_others_may_answer_is_not(host):
    assert not is_loopback(host)
