"""Files that are dropped on the page, of any size: sent in slices over a route of ours to the disk, never held whole.

`drop` draws the field and sends from the browser, `route` receives, `disk` keeps what came until it is imported.
"""
