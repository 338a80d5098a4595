#include "basket.h"

int main(void) {
  struct Basket basket;
  int count = add(&basket, "apple", 2);
  assert(count == 2);
  return 0;
}
