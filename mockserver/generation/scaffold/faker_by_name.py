"""The Faker provider of a text, by the last words of the member name."""

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
"""The end of a member name to a provider; the longest match counts."""
ADDRESSES = frozenset({"url", "image_url"})
"""Providers of absolute URLs; not used if the example is not one."""


def provider_of(name: str, example: str) -> str | None:
    """Return the provider for a member; `None` for an unknown name, or an example in another notation."""
    parts = words(name)
    endings = ["_".join(parts[index:]) for index in range(len(parts))]
    provider = next((PROVIDERS[ending] for ending in endings if ending in PROVIDERS), None)
    # A member `author` may be a link, and a member `image_url` a path.
    if provider and example and ("://" in example) != (provider in ADDRESSES):
        return None
    return provider
