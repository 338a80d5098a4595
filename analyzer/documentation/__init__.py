"""What a project's authors wrote for people: pages, their sections and order. Nothing here looks at code."""
