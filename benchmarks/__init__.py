"""How fast is it? The import against a floor, the questions against other engines, all in one run on one machine."""
