"""Is it a robot? By its user agent, which is looked at here and kept nowhere.

The public list (crawler-user-agents) is 15 regular expressions, 0.05 to 0.35 ms an
agent; a site sees a few thousand different agents a day, hence the cache.
"""

from functools import lru_cache

import crawleruseragents

MAX_LENGTH = 512  # browsers stay below 300; the rest of a longer one is not read


def is_bot(user_agent: str) -> bool:
    """True for listed robots, for an empty agent and for one that is no browser."""
    return _is_bot(user_agent[:MAX_LENGTH])


@lru_cache(maxsize=8192)
def _is_bot(user_agent: str) -> bool:
    if "Mozilla/" not in user_agent:  # every browser of this century says it
        return True
    return crawleruseragents.is_crawler(user_agent)
