"""The simulator of the sample shop, run by simulate.py beside it."""
