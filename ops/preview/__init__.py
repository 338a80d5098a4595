"""The report of a change for its reviewers: what `pulumi up` would do, why, and what a reader must know first.

Built in one direction: the engine's preview and the stack's history (`collect`) → facts (`steps`, `images`,
`settings`) → one `Report` → Markdown or JSON. Never touches what is deployed.
"""
