"""Measurements of our own, as ratios against a reference of the same run.

`make bench` prints them; a timed test never asserts them, because machines differ.
"""
