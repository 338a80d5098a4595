package shop

import shop.container.Container

/** A basket of fruit. */
class Basket extends Container {
  /** Put one piece in. */
  def add(name: String, count: Int): Int = {
    if (count < 1) {
      throw new UnknownFruit(name)
    }
    price(name) * count
  }

  /** What one piece costs. */
  def price(name: String): Int = {
    secret(name)
  }

  private def secret(name: String): Int = 3
}
