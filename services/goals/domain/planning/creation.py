"""Making a goal."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from services.goals.domain.days import Calendar, local_day
from services.goals.domain.fields import Checks
from services.goals.domain.goal import Goal, GoalId, MemberId, Milestone, Pattern, Phase, Policy, Rule, Status
from services.goals.domain.planning.draft import (
    GoalDraft,
    check_texts,
    default_schedule,
    plan_deadline,
)
from services.goals.domain.schedule import check_end
from services.goals.domain.terms import (
    check_belonging,
    plan_amount,
    plan_chain,
    plan_limit,
    plan_milestones,
    plan_target,
)


def plan_goal(
    draft: GoalDraft,
    *,
    goal_id: GoalId,
    member_id: MemberId,
    calendar: Calendar,
    today: int,
    now: datetime,
    new_id: Callable[[], UUID],
) -> Goal:
    """Completes and checks a draft; `new_id` makes the ids of its milestones.

    `today` is the member's, which may lie ahead of the calendar's day (docs/adr/0034); then the goal never has less.

    Raises:
        InvalidArgument: A field breaks a rule.
    """
    checks = Checks()
    check_texts(draft, checks)
    start = checks.day("start_date", draft.start_date).toordinal() if draft.start_date else today
    deadline = plan_deadline(draft.deadline, start, checks)
    if draft.pattern is None:
        checks.fail("pattern", "must be given")
        checks.finish()
    pattern = Pattern(draft.pattern or Pattern.RECURRING)
    check_belonging(pattern, draft.given_parts, checks)
    schedule = default_schedule(draft, pattern, checks)
    check_end(schedule, start, checks=checks)
    rule = Rule(
        start,
        now,
        schedule,
        draft.policy or Policy(),
        plan_amount(draft.amount, checks),
        calendar,
        floor=today if today > local_day(now, calendar) else 0,
        limit=plan_limit(draft.limit, checks) if pattern is Pattern.LIMIT else None,
        target=plan_target(draft.target, checks) if pattern is Pattern.TARGET else None,
        chain=plan_chain(draft.chain, checks) if pattern is Pattern.STREAK else None,
    )
    milestones: tuple[Milestone, ...] = ()
    if pattern is Pattern.MILESTONE:
        milestones = plan_milestones(draft.milestones, present=(), start=start, new_id=new_id, checks=checks)
    checks.finish()
    return Goal(
        id=goal_id,
        member_id=member_id,
        title=draft.title,
        description=draft.description,
        pattern=pattern,
        status=Status.ACTIVE,
        category=draft.category,
        start_day=start,
        deadline=deadline,
        completed_day=None,
        rules=(rule,),
        phases=(Phase(0, now, Status.ACTIVE, deadline),),
        create_time=now,
        update_time=now,
        revision=1,
        milestones=milestones,
    )
