"""Notices: what somebody of the newsroom is told of acts and dates of articles.

`models` is the notice, `people` finds those it goes to, `telling` writes it inside
the transaction of the act, `mail` sends it, `upkeep` is what the clock asks for.
"""
