final class BasketTests: XCTestCase {
    func testAdd() throws {
        let basket = Basket()
        let count = try basket.add("apple", count: 2)
        XCTAssertEqual(count, 2)
    }
}
