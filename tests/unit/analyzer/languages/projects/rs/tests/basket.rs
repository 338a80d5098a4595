use shop::Basket;

#[test]
fn adds() {
    let mut basket = Basket::default();
    let count = basket.add("apple", 2);
    assert_eq!(count, 2);
}
