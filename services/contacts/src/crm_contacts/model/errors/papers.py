"""What contacts refuses about purchases, documents and relationships."""

from http import HTTPStatus

from crm_contacts.model.errors.base import ContactsError


class DoesNotAddUp(ContactsError):
    """The sums do not add up."""

    slug, status = "does-not-add-up", HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, errors: dict[str, list[str]]) -> None:
        """Name each field with what it comes to."""
        super().__init__(errors=errors)


class BuyerUnknown(ContactsError):
    """There is no such customer to have bought."""

    slug, status = "buyer-unknown", HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self, errors: dict[str, list[str]]) -> None:
        """Name the field that points at nobody."""
        super().__init__(errors=errors)


class FileTooLarge(ContactsError):
    """The file is larger than documents may be."""

    slug, status = "file-too-large", HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class FileTypeRefused(ContactsError):
    """Files of this type are not taken, or the file is not what its name says."""

    slug, status = "file-type-refused", HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class FileInfected(ContactsError):
    """The virus scanner found something in the file."""

    slug, status = "file-infected", HTTPStatus.UNPROCESSABLE_ENTITY


class ScannerAway(ContactsError):
    """The virus scanner does not answer; nothing is taken in unscanned."""

    slug, status = "scanner-away", HTTPStatus.SERVICE_UNAVAILABLE


class StoreAway(ContactsError):
    """Contents of documents cannot be reached now."""

    slug, status = "store-away", HTTPStatus.SERVICE_UNAVAILABLE


class DocumentNotAllowed(ContactsError):
    """A document cannot do that where it stands."""

    slug = "document-not-allowed"


class DocumentSigned(ContactsError):
    """A signed document stays as it was signed."""

    slug = "document-signed"


class DocumentHasNoSuchVersion(ContactsError):
    """The document has no such version."""

    slug, status = "no-such-version", HTTPStatus.NOT_FOUND


class LastVersion(ContactsError):
    """A document keeps its last version; archive the document instead."""

    slug = "last-version"


class RelationshipNotAllowed(ContactsError):
    """These two cannot be that to one another."""

    slug, status = "relationship-not-allowed", HTTPStatus.UNPROCESSABLE_ENTITY


class RelationshipTypeUnknown(ContactsError):
    """There is no such type of relationship."""

    slug, status = "relationship-type-unknown", HTTPStatus.UNPROCESSABLE_ENTITY
