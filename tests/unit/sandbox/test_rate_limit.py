from airflow_provider_seventime.sandbox.rate_limit import RateLimit


class Ticks:
    def __init__(self):
        self.seconds = 0.0

    def __call__(self):
        return self.seconds


def admitted(limit, ticks, at, key="key"):
    ticks.seconds = at
    return limit.admit(key)


def test_a_second_has_the_allowed_number_of_requests():
    ticks = Ticks()
    limit = RateLimit(4, ticks)
    assert [admitted(limit, ticks, at) for at in (0, 0.25, 0.5, 0.75)] == [True] * 4
    assert not admitted(limit, ticks, 0.999)
    assert admitted(limit, ticks, 1.4)


def test_the_window_slides():
    ticks = Ticks()
    limit = RateLimit(4, ticks)
    assert [admitted(limit, ticks, at) for at in (0.8, 0.9, 0.95, 0.99)] == [True] * 4
    assert not admitted(limit, ticks, 1.1)


def test_refused_requests_count_too():
    ticks = Ticks()
    limit = RateLimit(2, ticks)
    responses = [admitted(limit, ticks, 0.3 * number) for number in range(10)]
    assert responses == [True, True] + [False] * 8
    assert admitted(limit, ticks, 4.0)


def test_evenly_spaced_requests_at_the_limit_are_allowed():
    ticks = Ticks()
    limit = RateLimit(4, ticks)
    assert all(admitted(limit, ticks, number * 0.25) for number in range(100))


def test_each_key_has_its_own_window():
    ticks = Ticks()
    limit = RateLimit(1, ticks)
    assert admitted(limit, ticks, 0, "one")
    assert admitted(limit, ticks, 0, "other")
    assert not admitted(limit, ticks, 0.5, "one")


def test_zero_is_no_limit():
    ticks = Ticks()
    limit = RateLimit(0, ticks)
    assert all(admitted(limit, ticks, 0) for _ in range(1000))
