"""Pictures: one module per analysis, pure functions of a palette, the question and its answer."""
