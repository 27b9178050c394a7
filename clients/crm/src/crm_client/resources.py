"""The platform's resources with types: `crm.contacts.create(last_name="Byron")`."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Generic, Self, TypeVar, cast

from crm_client import records, settings
from crm_client.client import LARGEST_BATCH, Client
from crm_client.errors import Stale

R = TypeVar("R", bound=Mapping[str, Any])
_TRIES = 5


class Resource(Generic[R]):
    """Records of one kind; every write is done once however often it had to be sent."""

    def __init__(self, client: Client, plural: str) -> None:
        """`plural`: the resource's name in addresses."""
        self._client, self.path = client, f"/v1/{plural}"

    def create(self, *, key: str | None = None, **fields: Any) -> R:
        """Return the record made of these fields; the same `key` makes it once."""
        return cast("R", self._client.post(self.path, fields, key=key))

    def get(self, record_id: str, **params: Any) -> R:
        """Return one record. Raises NotFound."""
        return cast("R", self._client.get(f"{self.path}/{record_id}", **params))

    def list(self, **filters: Any) -> Iterator[R]:
        """Yield every record that meets the filters, asking for the next page when it is needed."""
        return cast("Iterator[R]", self._client.pages(self.path, **filters))

    def update(self, record: R, **changes: Any) -> R:
        """Change fields of a record as it was read. Raises Stale when it was changed since."""
        path = f"{self.path}/{record['id']}"
        return cast("R", self._client.patch(path, changes, version=record["version"]))

    def edit(self, record_id: str, change: Callable[[R], Mapping[str, Any]]) -> R:
        """Change what `change` says of the record as it is now; again when somebody was faster."""
        for _ in range(_TRIES - 1):
            try:
                return self._changed(record_id, change)
            except Stale:
                continue
        return self._changed(record_id, change)

    def archive(self, record: R) -> R:
        """Put a record away, as it was read."""
        path = f"{self.path}/{record['id']}"
        return cast("R", self._client.delete(path, version=record["version"]))

    def restore(self, record: R) -> R:
        """Bring a record back, as it was read."""
        return self.act(record, "restoration")

    def act(self, record: R, what: str, /, **body: Any) -> R:
        """Do a transition of a record as it was read: `act(deal, "win")`."""
        path = f"{self.path}/{record['id']}/{what}"
        return cast("R", self._client.put(path, body, version=record["version"]))

    def batch(self, operations: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield what became of each operation; as many requests as are needed."""
        for start in range(0, len(operations), LARGEST_BATCH):
            items, _ = self._client.batch(self.path, operations[start : start + LARGEST_BATCH])
            yield from items

    def _changed(self, record_id: str, change: Callable[[R], Mapping[str, Any]]) -> R:
        record = self.get(record_id)
        return self.update(record, **change(record))


class Crm(Client):
    """One platform and who asks it; resources as attributes, anything else by its path."""

    def __init__(self, url: str, token: str | None = None, **options: Any) -> None:
        """Take what `Client` takes."""
        super().__init__(url, token, **options)
        self.contacts = Resource[records.Contact](self, "contacts")
        self.accounts = Resource[records.Account](self, "accounts")
        self.interactions = Resource[records.Interaction](self, "interactions")
        self.notes = Resource[records.Note](self, "notes")
        self.tasks = Resource[records.Task](self, "tasks")
        self.orders = Resource[records.Order](self, "orders")
        self.invoices = Resource[records.Invoice](self, "invoices")
        self.pipelines = Resource[records.Pipeline](self, "pipelines")
        self.deals = Resource[records.Deal](self, "deals")
        self.leads = Resource[records.Lead](self, "leads")
        self.segments = Resource[records.Segment](self, "segments")
        self.templates = Resource[records.Template](self, "templates")
        self.campaigns = Resource[records.Campaign](self, "campaigns")
        self.tickets = Resource[records.Ticket](self, "tickets")
        self.users = Resource[records.User](self, "users")
        self.teams = Resource[records.Team](self, "teams")
        self.webhooks = Resource[records.Webhook](self, "webhooks")

    @classmethod
    def from_environment(cls, **options: Any) -> Self:
        """Return a client as the command line finds its platform. Raises SettingMissing."""
        found = settings.sign_in()
        return cls(found.url, found.token, email=found.email, password=found.password, **options)

    def resource(self, plural: str) -> Resource[dict[str, Any]]:
        """Return any other resource."""
        return Resource(self, plural)

    def customer(self, customer_id: str, **params: Any) -> dict[str, Any]:
        """Return everything the platform knows of a contact or an account."""
        return cast("dict[str, Any]", self.get(f"/v1/customers/{customer_id}", **params))

    def search(self, text: str, **params: Any) -> list[dict[str, Any]]:
        """Return the records found by words, or beginnings of them, best first."""
        return cast("list[dict[str, Any]]", self.get("/v1/search", q=text, **params)["items"])
