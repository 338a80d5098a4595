public class BasketTests
{
    [Fact]
    public void Adds()
    {
        var basket = new Basket();
        var count = basket.Add("apple", 2);
        Assert.Equal(2, count);
    }
}
