"""One example of every record that is published."""

from typing import Any

from crm_contracts.base import Record
from crm_contracts.golden.addressing import MARKETING
from crm_contracts.golden.buying import PURCHASES
from crm_contracts.golden.filing import AUDITS, DOCUMENTS
from crm_contracts.golden.helping import GATEWAY, SUPPORT
from crm_contracts.golden.people import PEOPLE
from crm_contracts.golden.relating import RELATIONSHIPS
from crm_contracts.golden.selling import SALES
from crm_contracts.golden.working import WORKING

EXAMPLES: dict[type[Record], Any] = {
    type(record): record
    for record in [
        *PEOPLE,
        *WORKING,
        *PURCHASES,
        *DOCUMENTS,
        *AUDITS,
        *RELATIONSHIPS,
        *SALES,
        *MARKETING,
        *SUPPORT,
        *GATEWAY,
    ]
}
