"""Passwords and addresses."""

import asyncio
import time

import pytest

from chassis.errors import Unavailable
from gateway.accounts import passwords
from gateway.accounts.addresses import normalise_email
from gateway.accounts.passwords import Passwords
from gateway.problems import Problem


async def test_a_password_matches_its_hash_and_no_other():
    hasher = Passwords()
    stored = await hasher.hash("correct horse")

    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await hasher.matches("correct horse", stored)
    assert not await hasher.matches("correct horsf", stored)
    assert not await hasher.matches("correct horse", None)
    assert not hasher.is_outdated(stored)


@pytest.mark.parametrize(
    "password",
    ["changeme", "ChangeMe", "changeme123!", "administrator", "Password2024!!", "secret-secret", "12345678", "root", "",
     "tandem-admin-password", "aaaaaaaaaaaa", "1111222233334444"],
)  # fmt: skip
def test_what_everybody_tries_first_is_guessable(password: str):
    assert passwords.is_guessable(password)


@pytest.mark.parametrize(
    "password", ["correct horse battery staple", "first of all admins", "x7#Kq-2vLp", "Grüße an alle"]
)
def test_other_passwords_are_not(password: str):
    assert not passwords.is_guessable(password)


async def test_one_password_typed_on_two_systems_is_one_password():
    hasher = Passwords()
    stored = await hasher.hash("Gr\u00fc\u00dfe123")

    assert await hasher.matches("Gru\u0308\u00dfe123", stored)


async def test_nothing_of_a_long_password_is_cut_off():
    hasher = Passwords()
    stored = await hasher.hash("a" * 1023 + "b")

    assert not await hasher.matches("a" * 1023 + "c", stored)


@pytest.mark.parametrize("password", ["", "seven77", "a" * 1025, "ä" * 513])
async def test_a_password_has_8_to_1024_bytes(password: str):
    with pytest.raises(Problem) as refused:
        await Passwords().hash(password)

    assert refused.value.errors[0].field == "password"


async def test_a_password_too_long_to_be_one_never_matches():
    assert not await Passwords().matches("a" * 100_000, None)


async def test_at_most_two_hash_at_a_time_and_the_queue_is_short(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(passwords, "QUEUE_TIMEOUT_S", 0.05)
    hasher = Passwords()
    at_once = running = 0

    def slow() -> bool:
        nonlocal at_once, running
        running += 1
        at_once = max(at_once, running)
        time.sleep(0.1)
        running -= 1
        return True

    results = await asyncio.gather(*[hasher._run(slow) for _ in range(10)], return_exceptions=True)

    assert at_once == 2
    assert results.count(True) == 2
    assert sum(isinstance(result, Unavailable) for result in results) == 8


@pytest.mark.parametrize(
    ("address", "normal"),
    [
        ("Ann@Example.COM", "ann@example.com"),
        ("ann.lee+tag@example.co.uk", "ann.lee+tag@example.co.uk"),
        ("a\u0308nn@example.com", "änn@example.com"),
    ],
)
def test_one_mailbox_is_one_address(address: str, normal: str):
    assert normalise_email(address) == normal


@pytest.mark.parametrize(
    "address",
    [
        "", "a", "@", "a@", "@b.c", "a@b@c.de", "ann@example", "ann @example.com", "ann@example.com\r\nBcc: evil@x.com",
        '"ann"@example.com', "ann(comment)@example.com", "a@b.c,evil@x.com", "ann%0a@example.com", "ann@[127.0.0.1]",
        "a" * 300 + "@example.com", "ann@example..com", "ann@-example.com", "a@" + "b." * 20_000 + "com",
        "<script>@example.com", "ann\x00@example.com",
    ],
)  # fmt: skip
def test_what_is_no_plain_address_is_refused_quickly(address: str):
    begun = time.perf_counter()

    with pytest.raises(Problem) as refused:
        normalise_email(address)

    assert refused.value.errors[0].field == "email"
    assert time.perf_counter() - begun < 0.05
