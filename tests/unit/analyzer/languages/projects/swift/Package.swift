let package = Package(name: "shop")
