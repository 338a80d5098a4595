"""The JSON API for programs: one table of operations, from which the routes and the OpenAPI document are made."""
