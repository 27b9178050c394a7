"""What there is to do and where, each for who has the right: for the palette and the settings' menu."""

from dataclasses import dataclass

from crm_chassis.auth import Principal
from crm_chassis.rights import Range


@dataclass(frozen=True, slots=True)
class Deed:
    """A page to go to or an action, for who has the right; `form`: it is sent, not gone to.

    `needs` is a range of an action on an object, `special` a special right; `short` is what the
    settings' own menu calls it.
    """

    label: str
    href: str
    words: str = ""
    needs: tuple[str, str] | None = None
    special: str = ""
    is_for_admins: bool = False
    form: str = ""
    short: str = ""

    def is_open_to(self, who: Principal) -> bool:
        """Say whether somebody may do it."""
        if who.is_admin:
            return True
        if self.is_for_admins or (self.special and self.special not in who.rights.special):
            return False
        return self.needs is None or who.rights.range_of(*self.needs) is not Range.NONE


SETTINGS = (
    Deed(
        "Fields", "/settings/fields", "settings custom", special="manage_rules", short="Fields"
    ),
    Deed("Rules", "/settings/rules", "settings validation", special="manage_rules", short="Rules"),
    Deed(
        "Kinds of relationships", "/settings/relationships", "settings",
        ("relationship", "create"), short="Relationships",
    ),
    Deed(
        "Webhooks", "/settings/webhooks", "settings integration", is_for_admins=True,
        short="Webhooks",
    ),
    Deed(
        "Mail that failed", "/settings/mail", "settings e-mail smtp", is_for_admins=True,
        short="Mail",
    ),
    Deed(
        "Roles", "/settings/roles", "settings rights permissions", is_for_admins=True,
        short="Roles",
    ),
    Deed(
        "Users and teams", "/settings/users", "settings people", special="manage_users",
        short="Users",
    ),
    Deed(
        "Who did what", "/settings/audit", "settings audit trail", special="audit", short="Audit"
    ),
)  # fmt: skip


def settings_of(who: Principal) -> list[Deed]:
    """Return the entries of the settings that somebody has a right to, in the menu's order."""
    return [each for each in SETTINGS if each.is_open_to(who)]
