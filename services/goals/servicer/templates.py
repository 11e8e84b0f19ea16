"""RPCs of the template library."""

from typing import Any

from chassis.errors import InvalidArgument
from chassis.pages import PageTokens, page_size
from services.goals.domain.care import HabitDraft
from services.goals.domain.fields import Checks
from services.goals.domain.goal import MAX_CATEGORY_LENGTH
from services.goals.domain.schedule import ScheduleDraft, plan_schedule
from services.goals.domain.templates import Template, list_templates
from services.goals.servicer import incoming, outgoing
from services.goals.servicer.paging import Pager
from tandem.goals.v1 import goal_pb2, transfer_pb2


class TemplateRpcs:
    """Listing templates; a goal is made from one by CreateGoal."""

    _page_tokens: PageTokens

    async def ListTemplates(  # noqa: N802 - the contract's name
        self, request: transfer_pb2.ListTemplatesRequest, context: Any
    ) -> transfer_pb2.ListTemplatesResponse:
        """A page of the library, or of a part of it."""
        if len(request.category) > MAX_CATEGORY_LENGTH:
            raise InvalidArgument.of("category", f"must have at most {MAX_CATEGORY_LENGTH} characters")
        pattern = incoming.word_of(request.pattern, incoming.PATTERNS, "pattern")
        limit = page_size(request.page_size)
        pager = Pager(self._page_tokens, "templates", request.category, request.pattern)
        position = pager.position(request.page_token)
        found = list_templates(category=request.category, pattern=pattern, after=position[0] if position else "")
        shown, token = pager.cut(found[: limit + 1], limit, _key, _template)
        return transfer_pb2.ListTemplatesResponse(templates=shown, next_page_token=token)


def _key(shown: Template) -> tuple[str]:
    return (shown.id,)


def _template(shown: Template) -> transfer_pb2.GoalTemplate:
    terms = shown.terms
    return transfer_pb2.GoalTemplate(
        template_id=shown.id,
        title=shown.title,
        description=shown.description,
        category=shown.category,
        pattern=outgoing.pattern_of(shown.pattern),
        why=shown.why,
        schedule=_schedule(terms.schedule),
        policy=outgoing.policy(terms.policy) if terms.policy else None,
        amount=goal_pb2.Amount(unit=terms.amount.unit, min_value=terms.amount.min_value) if terms.amount else None,
        target=outgoing.target(terms.target) if terms.target else None,
        limit=goal_pb2.Limit(unit=terms.limit.unit, max_value=terms.limit.max_value) if terms.limit else None,
        streak=goal_pb2.StreakTerms(
            target_length=terms.chain.target_length, freezes_per_month=terms.chain.freezes_per_month
        )
        if terms.chain
        else None,
        milestones=[
            transfer_pb2.TemplateMilestone(title=step.title, weight=step.weight, after_days=step.after_days)
            for step in shown.milestones
        ],
        deadline_days=shown.deadline_days,
        habits=[_habit(each) for each in shown.habits],
    )


def _habit(shown: HabitDraft) -> transfer_pb2.TemplateHabit:
    return transfer_pb2.TemplateHabit(
        title=shown.title, minutes=shown.minutes, if_then=shown.if_then, schedule=_schedule(shown.schedule)
    )


def _schedule(draft: ScheduleDraft | None) -> goal_pb2.Schedule | None:
    """Complete, as it will be on the goal."""
    return outgoing.schedule_of(plan_schedule(draft, checks=Checks())) if draft else None
