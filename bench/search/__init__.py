"""Search at any size, on both engines, beside LIKE and a plain index of words.

    python -m bench.search [--articles N | --sizes N,M] [--corpus FILE] [...]

Each engine runs in a process and a database of its own: SQLite in a temporary
folder, PostgreSQL on the server of BENCH_DATABASE_URL or a local one. Without a
corpus the articles are made of syllables and compounds as frequent as in real
text; only a corpus says something about relevance. Absolute times depend on the
machine and on what else it does: rely on the ratios.
"""
