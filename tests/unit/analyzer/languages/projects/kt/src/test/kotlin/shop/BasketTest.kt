class BasketTest {
    @Test
    fun adds() {
        val basket = Basket()
        val count = basket.add("apple", 2)
        assertEquals(2, count)
    }
}
