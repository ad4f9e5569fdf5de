"""What news tells the apps that listen, inside the transaction of the change."""

from django.dispatch import Signal

# Sent by bulk paths that skip post_save. Argument: article_ids, a list of int.
articles_changed = Signal()
