#include "container.h"

/** A basket of fruit. */
struct Basket {
  int count;
};

/** What one piece costs. */
int price(const char *name) {
  return secret(name);
}

/** Put one piece in. */
int add(struct Basket *basket, const char *name) {
  basket->count += 1;
  return price(name);
}

static int secret(const char *name) {
  return 3;
}
