import Container

/// A basket of fruit.
public class Basket: Container {
    /// Put one piece in.
    public func add(name: String, count: Int) throws -> Int {
        if count < 1 {
            throw UnknownFruit(name)
        }
        return price(name) * count
    }
}

/// What one piece costs.
public func price(name: String) -> Int {
    return secret(name)
}

func secret(_ name: String) -> Int {
    return 3
}
