"""Signing up, in and out."""

from typing import Final

from gateway.accounts.addresses import normalise_email
from gateway.accounts.usecases import NewAccount, SignedIn
from gateway.app.call import Call, Reply
from gateway.app.operation import Access, Routes
from gateway.limits.buckets import AUTH, Bucket
from gateway.routes import answers
from gateway.routes.requests import Credentials, RefreshRequest, Registration

routes: Final = Routes("Accounts")


@routes.post(
    "/v1/auth/register",
    status=201,
    answer=answers.SignedIn,
    access=Access.ANYONE,
    limit=AUTH,
    is_reserved=True,
    refusals=("conflict",),
)
async def register(call: Call, body: Registration) -> Reply:
    """Creates an account and signs it in."""
    await _take_account_token(call, body.email)
    key, new = call.client_key, NewAccount.of(body)
    await call.parts.people.judge(new)
    registered = await call.parts.accounts.register(new, key=key)
    call.context.replayed = registered.is_replay
    return await _signed_in(call, await call.parts.accounts.open_registered(registered, key=key))


@routes.post(
    "/v1/auth/login",
    answer=answers.SignedIn,
    access=Access.ANYONE,
    limit=AUTH,
    is_reserved=True,
    refusals=("authentication-required",),
)
async def login(call: Call, body: Credentials) -> Reply:
    """Signs in."""
    await _take_account_token(call, body.email)
    key = call.client_key
    signed_in = await call.parts.accounts.login(body.email, body.password, key=key)
    call.context.replayed = signed_in.is_replay
    return await _signed_in(call, signed_in)


@routes.post(
    "/v1/auth/refresh",
    answer=answers.SignedIn,
    access=Access.ANYONE,
    limit=AUTH,
    is_reserved=True,
    refusals=("invalid-token", "token-reuse-detected"),
    is_keyed=False,
)
async def refresh(call: Call, body: RefreshRequest) -> Reply:
    """Exchanges a refresh token for new tokens; one that comes back later ends the whole session.

    An `Idempotency-Key` does nothing here. A client that has not heard the answer sends the same token again within
    10 seconds of its exchange and gets the same next token.
    """
    return await _signed_in(call, await call.parts.accounts.refresh(body.refresh_token))


@routes.post("/v1/auth/logout", status=204, access=Access.ANYONE, limit=AUTH, is_reserved=True)
async def logout(call: Call, body: RefreshRequest) -> Reply:
    """Ends the session of a refresh token; its access tokens are void within seconds."""
    await call.parts.accounts.logout(body.refresh_token)
    return Reply()


@routes.get("/.well-known/jwks.json", answer=answers.KeySet, access=Access.ANYONE)
async def get_jwks(call: Call) -> Reply:
    """Shows the public keys of the gateway's own issuer."""
    return Reply(call.parts.access_tokens.jwks())


async def _take_account_token(call: Call, email: str) -> None:
    """Counts against the account as well as against the address, so that many addresses help nobody."""
    await call.take_tokens(Bucket(AUTH, call.parts.accounts.subject(normalise_email(email))))


async def _signed_in(call: Call, signed_in: SignedIn) -> Reply:
    person = await call.parts.people.ensure(signed_in.account)
    return Reply(
        {
            "member": person.shown,
            "access_token": signed_in.access_token,
            "refresh_token": signed_in.refresh_token,
            "token_type": "Bearer",
            "expires_in": signed_in.expires_in_s,
        }
    )
