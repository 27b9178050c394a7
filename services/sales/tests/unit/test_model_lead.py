"""The rules of a lead."""

import pytest
from services.sales.tests.factories import NOON, unseen

from crm_sales.model.errors import LeadNotDisqualified, LeadNotOpen, RecordArchived
from crm_sales.model.lead import Lead
from crm_sales.model.values import LeadStatus

pytestmark = pytest.mark.unit


class TestName:
    @pytest.mark.parametrize(
        ("known", "name"),
        [
            ({"first_name": "Ada", "last_name": "Lovelace", "company": "X"}, "Ada Lovelace"),
            ({"last_name": "Lovelace"}, "Lovelace"),
            ({"company": "Engines", "email": "a@b.example"}, "Engines"),
            ({"email": "a@b.example"}, "a@b.example"),
            ({"phone": "+4930"}, "+4930"),
        ],
    )
    def test_is_the_best_there_is(self, known, name):
        assert name == Lead(**known).name


class TestStates:
    @pytest.mark.parametrize(
        "verb",
        [
            lambda lead: lead.qualify(),
            lambda lead: lead.disqualify(reason="x"),
            lambda lead: lead.assign(unseen(), None),
            lambda lead: lead.revise({"company": "x"}),
            lambda lead: lead.request_conversion(at=NOON),
        ],
    )
    @pytest.mark.parametrize("status", ["converting", "converted", "disqualified", "junk"])
    def test_refuses_all_verbs_once_it_is_not_open(self, verb, status):
        lead = Lead(last_name="x", status=LeadStatus(status))

        with pytest.raises(LeadNotOpen):
            verb(lead)

    def test_recycles_only_a_disqualified_lead(self):
        lead = Lead(last_name="x")
        with pytest.raises(LeadNotDisqualified):
            lead.recycle()
        lead.disqualify(reason="Too small")

        lead.recycle()

        assert (LeadStatus.WORKING, None) == (lead.status, lead.disqualified_reason)

    def test_is_qualified_again_when_its_conversion_is_refused(self):
        lead = Lead(last_name="x")
        lead.request_conversion(at=NOON)

        lead.return_unconverted(reason="ambiguous", candidates=[{"type": "contact"}])

        assert (LeadStatus.QUALIFIED, "ambiguous", 1) == (
            lead.status,
            lead.conversion_refused_reason,
            len(lead.candidates),
        )

    def test_forgets_the_refusal_when_it_is_asked_again(self):
        lead = Lead(last_name="x", conversion_refused_reason="ambiguous", candidates=[{}])

        lead.request_conversion(at=NOON)

        assert (None, []) == (lead.conversion_refused_reason, lead.candidates)

    def test_refuses_an_archived_lead(self):
        lead = Lead(last_name="x")
        lead.archive(at=NOON)

        with pytest.raises(RecordArchived):
            lead.qualify()
        with pytest.raises(RecordArchived):
            lead.recycle()
