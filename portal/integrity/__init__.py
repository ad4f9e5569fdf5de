"""Is the site still ours? Seals of rows and files, and the audit that looks at all.

`sealing` keeps a seal of every row that readers see something of and of what lets
somebody in, written with the row; `rows`, `program`, `folders` and `visiting` compare
the database, the program's files, the other folders and every public page with what was
sealed; `audit` runs them and keeps the result. What it can find, and what it cannot:
docs/operations.md.
"""
