"""What news tells the apps that listen, inside the transaction of the change."""

from django.dispatch import Signal

# Sent by bulk paths that skip post_save. Argument: article_ids, a list of int.
articles_changed = Signal()

# Sent by news.querysets for a change of rows that sends no signal for each of them;
# the sender is their model. No arguments.
rows_changed = Signal()

# Sent before an `update`. Arguments: queryset, whose rows it will change, and values,
# {column: value}. A receiver may return a function to be called after the change.
rows_changing = Signal()

# Sent after a `bulk_create`. Argument: rows, a list of instances.
rows_added = Signal()
