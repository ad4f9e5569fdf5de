"""A SELECT that the ORM writes once for a process; later calls only fill it in.

Building and compiling the query of an article with its relations costs the ORM
1.5 ms and a union of four parts 3 ms; running either takes 0.1 ms, and a whole cold
page may take 2.5 (docs/performance.md). For the queries of cold public pages and the
one inside every search only: a few filters elsewhere are not worth the indirection.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, get_related_populators

# Values that no row has stand for the real ones while the SQL is written.
_NO_TIME = datetime(1900, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class _Compiled:
    sql: str
    places: list  # a constant of the query, or in a tuple the name of a value
    converters: list[tuple]  # (column, functions, expression): what a driver lacks
    read: Callable[[Sequence], object]  # a converted row to what the queryset yields


class CompiledSelect:
    """`build` gets stand-ins by name and returns the queryset to be compiled.

    `numbers` are the names of its integer values, `times` of its aware datetimes.
    Calling it with all of them by keyword returns what the queryset would: model
    instances with their fields (`only`), relations (`select_related`) and annotations,
    or the tuples of `values_list`.
    """

    def __init__(
        self,
        build: Callable[..., QuerySet],
        *,
        numbers: tuple[str, ...] = (),
        times: tuple[str, ...] = (),
    ):
        self.build = build
        self.stand_ins = {name: -7001 - n for n, name in enumerate(numbers)}
        self.stand_ins |= {
            name: _NO_TIME + timedelta(days=n) for n, name in enumerate(times)
        }
        self._compiled: dict[str, _Compiled] = {}

    def __call__(self, **values) -> list:
        with _cursor() as cursor:
            cursor.execute(*self.statement(**values))
            rows = cursor.fetchall()
        compiled = self._of_vendor()
        if compiled.converters:
            rows = [_converted(row, compiled.converters) for row in rows]
        return [compiled.read(row) for row in rows]

    def statement(self, **values) -> tuple[str, list]:
        """Return the SQL and its parameters, for a larger statement."""
        compiled = self._of_vendor()
        adapted = {name: _adapt(value) for name, value in values.items()}
        params = [
            adapted[place[0]] if isinstance(place, tuple) else place
            for place in compiled.places
        ]
        return compiled.sql, params

    def _of_vendor(self) -> _Compiled:
        compiled = self._compiled.get(connection.vendor)
        if compiled is None:
            compiled = self._compiled[connection.vendor] = self._compile()
        return compiled

    def _compile(self) -> _Compiled:
        queryset = self.build(**self.stand_ins)
        compiler = queryset.query.get_compiler(using=connection.alias)
        sql, params = compiler.as_sql()
        names = {_adapt(value): (name,) for name, value in self.stand_ins.items()}
        places = [names.get(param, param) for param in params]
        missing = set(names.values()) - {p for p in places if isinstance(p, tuple)}
        if missing:
            raise ValueError(f"the query does not use {missing}")
        columns = [column for column, *_ in compiler.select[: compiler.col_count]]
        found = compiler.get_converters(columns)
        converters = [(place, *of_column) for place, of_column in found.items()]
        is_model = issubclass(queryset._iterable_class, ModelIterable)
        read = _instance_reader(compiler) if is_model else tuple
        return _Compiled(sql, places, converters, read)


def _cursor():
    """Return a cursor for a statement that comes again and again.

    PostgreSQL then keeps its plan for the connection (`prepare_threshold` of the
    settings): planning the joins of an article takes three quarters of its time there.
    """
    if connection.vendor != "postgresql":
        return connection.cursor()
    from django.db.backends.postgresql.base import ServerBindingCursor

    connection.ensure_connection()
    driver = connection.connection
    usual, driver.cursor_factory = driver.cursor_factory, ServerBindingCursor
    try:
        return connection.cursor()
    finally:
        driver.cursor_factory = usual


def _adapt(value):
    """Return a value as the ORM hands it to this database's driver."""
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value


def _converted(row: tuple, converters: list[tuple]) -> list:
    row = list(row)
    for place, functions, expression in converters:
        value = row[place]
        for function in functions:
            value = function(value, expression, connection)
        row[place] = value
    return row


def _instance_reader(compiler) -> Callable[[list], object]:
    """Return what makes an instance of a row, as ModelIterable does."""
    info, alias = compiler.klass_info, connection.alias
    start, end = info["select_fields"][0], info["select_fields"][-1] + 1
    fields = [column.target.attname for column, *_ in compiler.select[start:end]]
    relations = get_related_populators(info, compiler.select, alias)
    annotations = list(compiler.annotation_col_map.items())

    def read(row):
        instance = info["model"].from_db(alias, fields, row[start:end])
        for relation in relations:
            relation.populate(row, instance)
        for name, place in annotations:
            setattr(instance, name, row[place])
        return instance

    return read
