"""The ORM's classes of goals and activities."""

from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, MetaData, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    """The registry."""

    metadata = MetaData(schema="goals")
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: DateTime(timezone=True),
        dict[str, Any]: JSONB,
        str: Text,
    }


class GoalRow(Base):
    """A goal."""

    __tablename__ = "goals"

    goal_id: Mapped[UUID] = mapped_column(primary_key=True)
    member_id: Mapped[UUID]
    title: Mapped[str]
    description: Mapped[str]
    pattern: Mapped[str]
    status: Mapped[str]
    category: Mapped[str]
    start_date: Mapped[date]
    deadline: Mapped[date | None]
    completed_on: Mapped[date | None]
    rules: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    phases: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    revision: Mapped[int]

    activities: Mapped[list["ActivityRow"]] = relationship(
        back_populates="goal", order_by="(ActivityRow.local_date, ActivityRow.occurred_at)"
    )


class ActivityRow(Base):
    """Something logged on a goal."""

    __tablename__ = "activities"

    activity_id: Mapped[UUID] = mapped_column(primary_key=True)
    goal_id: Mapped[UUID] = mapped_column(ForeignKey("goals.goals.goal_id"))
    member_id: Mapped[UUID]
    type: Mapped[str]
    local_date: Mapped[date]
    occurred_at: Mapped[datetime]
    timezone: Mapped[str]
    completed: Mapped[bool | None]
    value: Mapped[float | None]
    note: Mapped[str]
    mood: Mapped[int | None]
    context: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    goal: Mapped[GoalRow] = relationship(back_populates="activities")
