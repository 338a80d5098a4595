#include "container.hpp"

/// A basket of fruit.
class Basket : public Container {
 public:
  /// Put one piece in.
  int add(const char *name, int count) {
    if (count < 1) {
      throw UnknownFruit(name);
    }
    return price(name) * count;
  }
};

/// What one piece costs.
int price(const char *name) {
  return secret(name);
}

static int secret(const char *name) {
  return 3;
}
