"""The Faker provider of a text, by the last words of the member name."""

from collections.abc import Sequence

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
    """Return the provider for a member.

    Return `None` for an unknown name, or for an example in another notation.
    """
    provider = _provider_by_ending(words(name))
    # A member `author` may be a link, and a member `image_url` a path.
    if provider and example and ("://" in example) != (provider in ADDRESSES):
        return None
    return provider


def _provider_by_ending(parts: Sequence[str]) -> str | None:
    """Return the provider of the longest ending that has one."""
    for index in range(len(parts)):
        ending = "_".join(parts[index:])
        if ending in PROVIDERS:
            return PROVIDERS[ending]
    return None
