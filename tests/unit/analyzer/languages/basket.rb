require "container"

# A basket of fruit.
class Basket < Container
  # Put one piece in.
  def add(name, count = 1)
    raise UnknownFruit, name if count < 1
    price(name) * count
  end

  # What one piece costs.
  def price(name)
    secret(name)
  end
end
