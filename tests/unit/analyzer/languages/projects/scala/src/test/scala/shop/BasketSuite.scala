class BasketSuite extends FunSuite {
  def testAdd(): Unit = {
    val basket = new Basket
    val count = basket.add("apple", 2)
    assert(count == 2)
  }
}
