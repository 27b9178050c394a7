"""What we keep of others' records."""

from crm_chassis.project import Copy
from crm_contracts import gateway, sales

COPIES = (
    Copy(
        of=sales.Deal,
        table="deal_copy",
        columns={
            "status": "status",
            "owner_id": "owner_id",
            "account_id": "account_id",
            "primary_contact_id": "primary_contact_id",
        },
    ),
    Copy(
        of=gateway.User,
        table="user_copy",
        columns={"name": "name", "team_id": "team_id", "active": "active"},
    ),
    Copy(
        of=gateway.Role,
        table="role_copy",
        columns={"grants": "grants", "fields": "fields", "special": "special"},
    ),
    Copy(of=gateway.CompanySettings, table="company_copy", columns={"time_zone": "time_zone"}),
)
