"""Sessionscope's engine: raw session events in, answers out. Plain Python; never imports Streamlit.

Arrows run one way: charts -> analyses -> scope, store, query, metrics, stats -> vocabulary, words, errors.
`ingest` fills the store, `registry` finds the analyses by name, `cli` is the command line over both.
"""
