Gem::Specification.new do |spec|
  spec.name = "shop"
end
