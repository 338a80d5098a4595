"""Claude Code, headless: one prompt in, one answer out. It gets no tools, no settings and no repository."""
