"""What can be asked of leads, on a real database."""

from dataclasses import replace

import pytest
from services.sales.tests.factories import unseen

from crm_chassis.problems import PreconditionRequired, StaleVersion
from crm_sales.commands.conversions import ConvertLead, convert_lead
from crm_sales.commands.leads import (
    ArchiveLead,
    AssignLead,
    CaptureLead,
    DisqualifyLead,
    QualifyLead,
    RecycleLead,
    RestoreLead,
    UpdateLead,
    archive_lead,
    assign_lead,
    capture_lead,
    disqualify_lead,
    qualify_lead,
    recycle_lead,
    restore_lead,
    update_lead,
)
from crm_sales.model.errors import LeadMatchesContact, LeadNotDisqualified, LeadNotOpen
from crm_sales.model.values import LeadStatus

pytestmark = pytest.mark.integration


@pytest.fixture
def lead(desk):
    email = f"{unseen()}@example.com"
    command = CaptureLead(last_name="Lovelace", email=email, company="Engines")
    return desk.do(capture_lead, command)


class TestLeadTransitions:
    def test_each_is_told_once_however_often_it_is_asked(self, desk, lead):
        owner = unseen()
        steps = [
            (assign_lead, AssignLead(lead_id=lead.id, expected_version=1, owner_id=owner)),
            (qualify_lead, QualifyLead(lead_id=lead.id, expected_version=2)),
            (disqualify_lead, DisqualifyLead(lead_id=lead.id, expected_version=3, reason="x")),
            (recycle_lead, RecycleLead(lead_id=lead.id, expected_version=4)),
            (archive_lead, ArchiveLead(lead_id=lead.id, expected_version=5)),
            (restore_lead, RestoreLead(lead_id=lead.id, expected_version=6)),
        ]

        for function, command in steps:
            first, again = desk.do(function, command), desk.do(function, command)
            assert first.version == again.version == command.expected_version + 1

        assert [
            "captured", "assigned", "qualified", "disqualified", "recycled", "archived", "restored",
        ] == desk.told(lead.id)  # fmt: skip

    @pytest.mark.parametrize(
        ("function", "command"),
        [
            (assign_lead, AssignLead(lead_id=unseen(), expected_version=None, owner_id=unseen())),
            (qualify_lead, QualifyLead(lead_id=unseen(), expected_version=None)),
            (disqualify_lead, DisqualifyLead(lead_id=unseen(), expected_version=None, reason="x")),
            (recycle_lead, RecycleLead(lead_id=unseen(), expected_version=None)),
            (archive_lead, ArchiveLead(lead_id=unseen(), expected_version=None)),
            (update_lead, UpdateLead(lead_id=unseen(), expected_version=None, changes={})),
        ],
    )
    def test_each_needs_the_version(self, desk, lead, function, command):
        with pytest.raises(PreconditionRequired):
            desk.do(function, replace(command, lead_id=lead.id))
        with pytest.raises(StaleVersion):
            desk.do(function, replace(command, lead_id=lead.id, expected_version=9))

    def test_refuses_what_the_state_does_not_allow(self, desk, lead):
        with pytest.raises(LeadNotDisqualified):
            desk.do(recycle_lead, RecycleLead(lead_id=lead.id, expected_version=1))
        desk.do(disqualify_lead, DisqualifyLead(lead_id=lead.id, expected_version=1, reason="x"))

        with pytest.raises(LeadNotOpen):
            desk.do(qualify_lead, QualifyLead(lead_id=lead.id, expected_version=2))


class TestUpdateLead:
    def test_changes_what_is_named_and_tells_only_changes(self, desk, lead):
        command = UpdateLead(
            lead_id=lead.id,
            expected_version=1,
            changes={"company": "Analytical", "status": LeadStatus.NURTURING},
        )

        desk.do(update_lead, command)
        again = desk.do(update_lead, replace(command, expected_version=2))

        assert ("Analytical", "Lovelace", LeadStatus.NURTURING, 2) == (
            again.company,
            again.last_name,
            again.status,
            again.version,
        )
        assert ["captured", "updated"] == desk.told(lead.id)


class TestConvertLead:
    def test_waits_for_contacts_and_asks_once(self, desk, lead):
        command = ConvertLead(lead_id=lead.id, expected_version=1, deal_name="Mill")

        desk.do(convert_lead, command)
        again = desk.do(convert_lead, command)

        assert (LeadStatus.CONVERTING, "Mill", 2) == (again.status, again.deal_name, again.version)
        assert ["captured", "conversion_requested"] == desk.told(lead.id)

    def test_checks_a_version_only_when_it_is_given(self, desk, lead):
        command = ConvertLead(lead_id=lead.id, expected_version=7)

        with pytest.raises(StaleVersion):
            desk.do(convert_lead, command)
        assert 2 == desk.do(convert_lead, replace(command, expected_version=None)).version

    def test_refuses_the_address_of_a_known_contact_unless_told_to_join_them(self, desk, lead):
        contact = unseen()
        with desk.sessions.begin() as session:
            session.connection().exec_driver_sql(
                "insert into contact_copy (id, version, email) values (%s, 1, %s)",
                (contact, lead.email.upper()),
            )
        command = ConvertLead(lead_id=lead.id, expected_version=1)

        with pytest.raises(LeadMatchesContact) as refused:
            desk.do(convert_lead, command)
        assert {"email": [f"contact {contact}"]} == refused.value.errors
        assert 2 == desk.do(convert_lead, replace(command, use_existing=True)).version

    def test_refuses_a_lead_that_is_not_open(self, desk, lead):
        desk.do(disqualify_lead, DisqualifyLead(lead_id=lead.id, expected_version=1, reason="x"))

        with pytest.raises(LeadNotOpen):
            desk.do(convert_lead, ConvertLead(lead_id=lead.id, expected_version=2))
