"""The shop's tests: "quotes", 'more', and a # that is no comment."""
import math
import unittest

import pytest

import shop

PRICES = {"tea": 3, "cake": 4}  # a constant stays


class Basket:  # a helper, no test
    def test_nothing(self):
        return None


@pytest.fixture
def basket():
    return dict(PRICES)


def test_total():
    assert shop.total([1, 2, 3]) == 6


def test_total_of_nothing():
    assert shop.total([]) == 0, "nothing costs nothing"


def test_names(basket):
    """Names are sorted."""
    # a comment with a "quote
    names = shop.names(basket)
    assert names == ["cake", "tea"]


def test_names_are_a_list(basket): # trailing
    assert isinstance(shop.names(basket), list)


def test_bill():
    expected = """tea   3
cake  4
"""

    assert shop.bill(PRICES) == expected


def test_average():
    assert shop.average([1.5, 2.5]) == pytest.approx(2.0)
    assert shop.average([1, 2]) == 1.5
    for n in range(3):
        assert shop.total([n]) == n


def test_no_average():
    with pytest.raises(ZeroDivisionError):
        shop.average([])


@pytest.mark.parametrize("items, extra", [([1], 2),
                                          ([2], 1)])
def test_rows(items, extra):
    assert shop.total(items + [extra]) == 3


@pytest.mark.parametrize("name, expected", [("Ada", "Привет, Ada!"), ("Eva", "Привет, Eva!"),
                                            pytest.param("Zoe", "Привет, Zoe!", marks=pytest.mark.skip)])
def test_unread(name, expected):
    assert shop.greet(name) == expected
    assert shop.total([len(name), 1]) == 4


@pytest.mark.parametrize("name, expected", [("Ada", "Привет, Ada!"), ("Eva", "Привет, Eva!")])
def test_table(name, expected):
    assert shop.greet(name) == expected, f"for {name}"


def test_loop():
    for items, sum_ in [([1], 1), ([1, 2], 3)]:
        assert shop.total(items) == sum_


def expect(items, expected):
    actual = shop.total(items)
    assert actual == expected, f"total({items}) should be {expected}, but it is {actual!r}"


def test_helped():
    expect([1, 2], 3)
    expect([], 0)


def test_flags():
    assert not shop.is_open("sunday")
    assert shop.is_open("monday") is True


async_value = 3


class TestOffers(unittest.TestCase):
    def setUp(self):
        self.offers = {"tea": 1}

    def test_offer(self):
        self.assertEqual(shop.total(self.offers.values()), 1)

    def test_closed(self):
        self.assertFalse(shop.is_open("sunday"))

    def testNested(self):
        self.assertEqual(shop.nested(),
                         {"a": [1, (2, "x")], "b": None},
                         "they differ")

    def test_message(self):
        with self.assertRaises(ValueError) as caught:
            shop.price("gold")
        self.assertEqual(caught.exception.args[0], "no price for gold")

    def helper(self):
        return 1


def test_last():
    assert shop.greet("Ада") == "Привет, Ада!"
