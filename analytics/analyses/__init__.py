"""One module per question: SQL, parameters, rows, answer, `EXAMPLE`, `queries` and `run`. Existing is being
registered."""
