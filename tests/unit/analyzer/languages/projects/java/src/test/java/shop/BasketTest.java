package shop;

public class BasketTest {
    @Test
    public void testAdd() {
        Basket basket = new Basket();
        int count = basket.add("apple", 2);
        assertEquals(2, count);
    }
}
