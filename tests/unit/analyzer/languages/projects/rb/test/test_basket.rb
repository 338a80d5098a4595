class TestBasket < Minitest::Test
  def test_add
    basket = Basket.new
    count = basket.add("apple", 2)
    assert_equal 2, count
  end
end
