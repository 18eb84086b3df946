"""The public form of a registration as a browser fills it in."""

import re


def hidden(page, name):
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, name
    return found.group(1)


def url(workshop):
    return f"/workshops/{workshop.id}/register/"


def begin(client, workshop):
    page = client.get(url(workshop))
    assert page.status_code == 200, page.text
    return hidden(page.text, "key")


def filled(workshop, key, *pools, **more):
    chosen = {f"day-{pool.day_id or 0}": str(pool.id) for pool in pools}
    return {
        "key": key,
        "n": "1",
        "party": "1",
        "eligibility": str(workshop.eligibilities[0].id),
        "s-name": "相模 花子",
        "s-phone": "0463-94-4711",
        "s-email": "hanako@example.jp",
        "website": "",
        **chosen,
        **more,
    }


def receipt_page(client, response):
    assert response.status_code == 303, response.text
    assert response.headers["Location"] == "/receipts/issued/"
    page = client.get("/receipts/issued/")
    assert page.status_code == 200
    number, secret = re.findall(r"<dd>([0-9A-Z-]{14,})</dd>", page.text)
    return number, secret, page
