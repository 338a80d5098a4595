#include "basket.h"

TEST(Basket, Add) {
  Basket basket;
  int count = basket.add("apple", 2);
  EXPECT_EQ(count, 2);
}
