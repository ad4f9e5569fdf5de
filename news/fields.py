"""Text columns that clean what they are given, whichever way it comes.

The form field normalises what people type; `pre_save` and `get_prep_value`
catch scripts, bulk_create and update().
"""

from django.db import models

from news.text import clean_line, clean_lines, clean_text


class _CleanMixin:
    clean_value = staticmethod(clean_text)

    def to_python(self, value):
        value = super().to_python(value)
        return self.clean_value(value) if isinstance(value, str) else value

    def get_prep_value(self, value):
        value = super().get_prep_value(value)
        return self.clean_value(value) if isinstance(value, str) else value

    def pre_save(self, model_instance, add):
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = self.clean_value(value)
            setattr(model_instance, self.attname, value)
        return value


class CleanCharField(_CleanMixin, models.CharField):
    """One line of NFC text without control characters or runs of blanks."""

    clean_value = staticmethod(clean_line)


class CleanTextField(_CleanMixin, models.TextField):
    """Several lines of NFC text, each as clean as a CleanCharField's."""

    clean_value = staticmethod(clean_lines)
