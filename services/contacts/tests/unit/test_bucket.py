"""Requests are signed as the S3 documentation's example is."""

from datetime import UTC, datetime

import pytest

from crm_contacts.commands.contents import Bucket
from crm_contacts.commands.contents.bucket import Signed

pytestmark = pytest.mark.unit
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_signature_of_the_published_example():
    request = Signed(
        method="GET",
        path="/",
        query="lifecycle=",
        headers={
            "host": "examplebucket.s3.amazonaws.com",
            "x-amz-content-sha256": EMPTY,
            "x-amz-date": "20130524T000000Z",
        },
        digest=EMPTY,
        at=datetime(2013, 5, 24, tzinfo=UTC),
    )

    said = request.authorization(
        region="us-east-1",
        key="AKIAIOSFODNN7EXAMPLE",
        secret="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    )

    assert said.endswith(
        "SignedHeaders=host;x-amz-content-sha256;x-amz-date,"
        " Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"
    )


def test_an_address_names_host_bucket_and_keys():
    found = Bucket.of_url("s3://me:se%2Fcret@store.example:9000/papers?region=eu-north-1&tls=false")

    assert (found.base, found.name, found.region) == (
        "http://store.example:9000",
        "papers",
        "eu-north-1",
    )
    assert (found.key, found.secret) == ("me", "se/cret")
