"""Templates."""

from sqlalchemy.orm import Mapped, mapped_column

from crm_chassis.db import Aggregate
from crm_marketing.model import rendering
from crm_marketing.model.rendering import Content
from crm_marketing.model.root import Base


class Template(Aggregate, Base):
    """A message to fill in for each contact."""

    __tablename__ = "template"

    name: Mapped[str]
    subject: Mapped[str]
    body_text: Mapped[str]
    body_html: Mapped[str | None] = mapped_column(default=None)

    @property
    def content(self) -> Content:
        return Content(subject=self.subject, body_text=self.body_text, body_html=self.body_html)

    def check(self) -> None:
        """Raise InvalidTemplate for a text that could not be filled in."""
        rendering.check(self.content)
