from shop.container import Container


class Basket(Container):
    """A basket of fruit."""

    def add(self, name: str, count: int = 1) -> int:
        """Put one piece in."""
        if count < 1:
            raise UnknownFruitError(name)
        return price(name) * count


def price(name: str) -> int:
    """What one piece costs."""
    return _secret(name)


def _secret(name: str) -> int:
    return 3
