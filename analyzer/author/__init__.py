"""The engine in which a language model writes: asked step by step, checked by code, replaced where it fails."""
