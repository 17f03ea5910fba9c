"""The parts of the scope bar: what it says, how the link says it, its filters, its segments."""
