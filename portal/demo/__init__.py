"""The demo: an invented department's site, written by `manage.py seed_demo`.

content/ holds its words, pictures/ draws its pictures, seeding.py puts both in
and takes them out again. Nothing else in the product depends on this package.
"""
