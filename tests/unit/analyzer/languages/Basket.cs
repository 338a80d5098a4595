using Shop.Container;

/// <summary>A basket of fruit.</summary>
public class Basket : Container
{
    /// <summary>Put one piece in.</summary>
    public int Add(string name, int count)
    {
        if (count < 1)
        {
            throw new UnknownFruitException(name);
        }
        return Price(name) * count;
    }

    /// <summary>What one piece costs.</summary>
    public static int Price(string name)
    {
        return Secret(name);
    }

    private static int Secret(string name)
    {
        return 3;
    }
}
