"""Who is signed in where, how long that lasts, and who is kept from trying again.

`store` and `middleware` are Django's with limits and a list; `lockout` tells
django-axes what to count; `late_forms` keeps what is sent after the end of a session.
"""
