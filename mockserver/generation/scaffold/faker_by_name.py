"""Which of Faker's providers makes a text, by the last words of its member's name."""

from mockserver.generation.scaffold.conventions import words

PROVIDERS = {
    "email": "email",
    "email_address": "email",
    "mail": "email",
    "first_name": "first_name",
    "firstname": "first_name",
    "given_name": "first_name",
    "last_name": "last_name",
    "lastname": "last_name",
    "surname": "last_name",
    "family_name": "last_name",
    "full_name": "name",
    "username": "user_name",
    "user_name": "user_name",
    "login": "user_name",
    "nickname": "user_name",
    "author": "name",
    "owner": "name",
    "phone": "phone_number",
    "phone_number": "phone_number",
    "mobile": "phone_number",
    "city": "city",
    "town": "city",
    "country": "country",
    "country_code": "country_code",
    "street": "street_address",
    "address": "street_address",
    "postcode": "postcode",
    "zip": "postcode",
    "zip_code": "postcode",
    "postal_code": "postcode",
    "company": "company",
    "company_name": "company",
    "organization": "company",
    "job": "job",
    "job_title": "job",
    "name": "catch_phrase",
    "title": "catch_phrase",
    "subject": "catch_phrase",
    "headline": "catch_phrase",
    "label": "catch_phrase",
    "description": "sentence",
    "summary": "sentence",
    "comment": "sentence",
    "note": "sentence",
    "notes": "sentence",
    "body": "sentence",
    "text": "sentence",
    "message": "sentence",
    "content": "sentence",
    "bio": "sentence",
    "slug": "slug",
    "website": "url",
    "homepage": "url",
    "avatar": "image_url",
    "image_url": "image_url",
    "ip": "ipv4",
    "ip_address": "ipv4",
    "color": "color_name",
    "colour": "color_name",
    "iban": "iban",
}
"""The end of a member's name to a provider: the longest that fits counts."""
ADDRESSES = frozenset({"url", "image_url"})
"""Providers that give an absolute URL; what the blueprint shows as something else is not of them."""


def provider_of(name: str, shown: str) -> str | None:
    """The provider for a member; `None` where the name says nothing, or the blueprint shows another notation."""
    own = words(name)
    found = next((PROVIDERS[end] for end in ("_".join(own[at:]) for at in range(len(own))) if end in PROVIDERS), None)
    # What is named `author` may be a link, and what is named `image_url` a path.
    return None if found and shown and ("://" in shown) != (found in ADDRESSES) else found
