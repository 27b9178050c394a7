import pytest
pytestmark = pytest.mark.integration
def test_smoke(api, facts):
    a = api.made("/v1/accounts", name="Acme GmbH", domain="https://www.acme.example/x")
    r = api.post("/v1/contacts", {"first_name":"Zoë","last_name":"Müller","emails":[{"value":"Zoe@Acme.example"}],"phones":[{"value":"+44 20 7946 0958","label":"work"}],"account_id":a["id"],"custom":{"x":1}})
    print(r.text, r.headers)
    assert r.status_code==201
    c=r.json
    print(api.get("/v1/contacts?q=zoe mull").text)
    print(api.get(f"/v1/accounts/{a['id']}/contacts").text)
    r=api.patch(f"/v1/contacts/{c['id']}", {"job_title":"Boss","emails":[{"value":"b@acme.example"},{"value":"zoe@acme.example","primary":True}]}, 1)
    print(r.text)
    r=api.get(f"/v1/contacts/{c['id']}/history"); print(r.text)
    print(api.post("/v1/contacts", {"emails":[{"value":"b@acme.example"}]}).text)
    print(facts())
    assert 0
