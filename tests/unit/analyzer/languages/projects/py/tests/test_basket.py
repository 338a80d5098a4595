from shop import Basket


def test_add():
    basket = Basket()
    assert basket.add('apple', 2)
