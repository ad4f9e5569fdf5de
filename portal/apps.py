from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    name = "portal"
    verbose_name = _("Portal")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from portal import checks, composition, roles, signals, statement_limits
        from portal.audit import receivers
        from portal.integrity import sealing

        checks.register_checks()
        composition.compose()
        roles.connect()
        signals.connect()
        receivers.connect()
        statement_limits.connect()
        sealing.connect()
