"""From one version to the next with a proof: on a copy first, then all or nothing.

`steps` goes the way, `migrating` brings a database up to date in one transaction,
`pages` compares what readers saw before with what they would see.
"""
