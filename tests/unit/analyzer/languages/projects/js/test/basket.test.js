import { Basket } from "../index.js";

test("adds", () => {
  const basket = new Basket();
  const count = basket.add("apple", 2);
  expect(count).toBe(2);
});
