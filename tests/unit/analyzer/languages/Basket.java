package shop;

import shop.container.Container;

/** A basket of fruit. */
public class Basket extends Container {
  /** Put one piece in. */
  public int add(String name, int count) {
    if (count < 1) {
      throw new UnknownFruitException(name);
    }
    return price(name) * count;
  }

  /** What one piece costs. */
  public static int price(String name) {
    return secret(name);
  }

  private static int secret(String name) {
    return 3;
  }
}
