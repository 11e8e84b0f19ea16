"""The peer's application: `uvicorn tests.bench.peers.monolith.app:app --workers 2`.

Told by the environment: PEER_DATABASE_URL (a login that sees all rows) and PEER_TOKEN_KEY (a file with the public key
that access tokens are checked with).
"""

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import selectinload

from chassis.clock import SystemClock, new_id
from gateway.routes import answers
from gateway.routes.requests import CheckIn
from services.goals.domain.activity import ActivityDraft, ActivityType, Place, record_activity
from services.goals.domain.outlook import summarise
from services.goals.domain.progress import progress_of
from tests.bench.peers.monolith.mapping import activity_row, entries_of, goal_answer, goal_of, logged_answer
from tests.bench.peers.monolith.models import GoalRow

app = FastAPI(title="The peer")
engine = create_async_engine(os.environ["PEER_DATABASE_URL"], pool_size=10, max_overflow=10)
sessions = async_sessionmaker(engine, expire_on_commit=False)
token_key = load_pem_public_key(Path(os.environ["PEER_TOKEN_KEY"]).read_bytes())
bearer = HTTPBearer()
clock = SystemClock()


async def session() -> AsyncIterator[AsyncSession]:
    """One session a request."""
    async with sessions() as opened:
        yield opened


async def member(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> UUID:
    """Who the access token names."""
    try:
        claims = jwt.decode(
            credentials.credentials,
            token_key,
            algorithms=["EdDSA"],
            audience="tandem-api",
            issuer="tandem",
            leeway=60,
        )
    except jwt.PyJWTError:
        raise HTTPException(401, "The token is not valid.") from None
    return UUID(claims["sub"])


Session = Annotated[AsyncSession, Depends(session)]
Member = Annotated[UUID, Depends(member)]


async def own_goal(opened: AsyncSession, goal_id: UUID, member_id: UUID) -> GoalRow:
    """The member's goal with its entries."""
    query = (
        select(GoalRow)
        .where(GoalRow.goal_id == goal_id, GoalRow.member_id == member_id)
        .options(selectinload(GoalRow.activities))
    )
    row = await opened.scalar(query)
    if row is None:
        raise HTTPException(404, "There is no such goal.")
    return row


@app.get("/v1/goals/{goal_id}")
async def get_goal(goal_id: UUID, opened: Session, member_id: Member) -> answers.Goal:
    """Reads a goal."""
    row = await own_goal(opened, goal_id, member_id)
    goal = goal_of(row)
    entries, _ = entries_of(row.activities)
    today = goal.today(datetime.now(UTC), entries.last_day)
    return goal_answer(goal, summarise(goal, entries, today))


@app.post("/v1/goals/{goal_id}/checkins", status_code=201)
async def check_in(goal_id: UUID, body: CheckIn, opened: Session, member_id: Member) -> answers.Logged:
    """Logs a check-in, and tells how the goal is going now."""
    row = await own_goal(opened, goal_id, member_id)
    goal = goal_of(row)
    now = datetime.now(UTC)
    entries, moods = entries_of(row.activities)
    today = goal.today(now, entries.last_day)
    draft = ActivityDraft(
        type=ActivityType.CHECK_IN, completed=body.completed, local_date=body.local_date, note=body.note or ""
    )
    activity = record_activity(draft, Place(goal, today), activity_id=new_id(clock), now=now)
    # Added to the session and not to the collection: a flush visits all of a collection that changed.
    opened.add(activity_row(activity, member_id))
    await opened.commit()
    if activity.kind is not None:
        entries = entries.with_entry(activity.local_day, activity.kind)
    return logged_answer(activity, progress_of(goal, entries, today, moods=moods))
