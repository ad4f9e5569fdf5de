"""All categories at once: parents, children and subtrees without further queries.

Fewer than 300 rows, so a page that needs any relation between them asks for the
whole table in one query.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property

from news.models import Category


class CategoryTree:
    """The categories in their order; a broken loop in the data ends."""

    def __init__(self, categories: Iterable[Category]):
        self.by_id = {category.pk: category for category in categories}

    @classmethod
    def load(cls) -> "CategoryTree":
        return cls(Category.objects.all())

    @cached_property
    def _children(self) -> dict[int | None, list[Category]]:
        children: dict[int | None, list[Category]] = {}
        for category in self.by_id.values():
            children.setdefault(category.parent_id, []).append(category)
        return children

    def find(self, slug: str) -> Category | None:
        """Return the visible category with this slug."""
        for category in self.by_id.values():
            if category.slug == slug and category.is_visible:
                return category
        return None

    def ancestors(self, category: Category) -> list[Category]:
        """Visible categories above `category`, the topmost first."""
        found: list[Category] = []
        parent = self.by_id.get(category.parent_id)
        while parent is not None and parent not in found:
            found.append(parent)
            parent = self.by_id.get(parent.parent_id)
        return [above for above in reversed(found) if above.is_visible]

    def children(self, category: Category | None) -> list[Category]:
        """Visible categories directly below; those at the top for None."""
        below = self._children.get(category.pk if category else None, [])
        return [child for child in below if child.is_visible]

    def subtree_ids(self, category: Category) -> list[int]:
        """The id of `category` and of everything below it, hidden ones too."""
        found, queue = [category.pk], [category.pk]
        while queue:
            for child in self._children.get(queue.pop(), []):
                if child.pk not in found:
                    found.append(child.pk)
                    queue.append(child.pk)
        return found

    def nested(self) -> Iterator[tuple[Category, int]]:
        """Yield (category, depth) of all, hidden ones too, each below its parent."""
        seen: set[int] = set()

        def walk(categories, depth):
            for category in categories:
                if category.pk not in seen:
                    seen.add(category.pk)
                    yield category, depth
                    yield from walk(self._children.get(category.pk, []), depth + 1)

        everyone = self.by_id.values()
        yield from walk((c for c in everyone if c.parent_id not in self.by_id), 0)
        yield from ((category, 0) for category in everyone if category.pk not in seen)
