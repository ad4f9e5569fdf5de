"""The reference of goal 3: the same pages, rendered by Django for every request.

The usual way of a Django site: no page cache, surroundings asked for and rendered
with every page. Views, queries and templates are ours, so are the bytes.
"""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bench.settings")

from django.core.wsgi import get_wsgi_application

# No thread looks for the edition here, so nothing is kept from one page to the next.
application = get_wsgi_application()
