"""What a course teaches: concepts found from evidence, and the order in which a newcomer meets them."""
