"""The RPC of advice to mentors; asked by mentor, which has checked who may see what."""

from datetime import UTC
from typing import Any

from chassis import idempotency
from chassis.request import current
from services.coach.clients.offers import operation
from services.coach.domain.copilot.advice import Mode
from services.coach.domain.copilot.patterns import Severity
from services.coach.domain.copilot.records import Note, Scope
from services.coach.errors import invalid_review_request
from services.coach.servicer.fields import uuid_of
from services.coach.usecases import UseCases
from services.coach.usecases.copilot import Asked, GivenAdvice
from tandem.coach.v1 import copilot_pb2 as pb

_MODES = {
    pb.COPILOT_MODE_QUICK_CHECK: Mode.QUICK_CHECK,
    pb.COPILOT_MODE_DEEP_DIVE: Mode.DEEP_DIVE,
    pb.COPILOT_MODE_RISK_INTERVENTION: Mode.RISK_INTERVENTION,
}
_SEVERITIES = {
    Severity.LOW: pb.SEVERITY_LOW,
    Severity.MEDIUM: pb.SEVERITY_MEDIUM,
    Severity.HIGH: pb.SEVERITY_HIGH,
}
_SCOPES = {str(scope): scope for scope in Scope}


class CopilotRpcs:
    """Answering mentors."""

    _use_cases: UseCases

    async def AdviseMentor(self, request: pb.AdviseMentorRequest, context: Any) -> pb.MentorAdvice:  # noqa: N802
        """What the copilot says; a repeated key gets the first answer."""
        given = await self._use_cases.copilot.advise(
            current().principal, _asked(request), key=idempotency.key_for(request, _advice)
        )
        return _advice(given)


def _asked(request: pb.AdviseMentorRequest) -> Asked:
    mode = _MODES.get(request.mode)
    if mode is None:
        raise invalid_review_request("mode", "must be quick_check, deep_dive or risk_intervention")
    unknown = [scope for scope in request.scopes if scope not in _SCOPES]
    if unknown:
        raise invalid_review_request("scopes", f"may hold {', '.join(_SCOPES)} only")
    return Asked(
        uuid_of(request.member_id, "member_id"),
        uuid_of(request.mentor_id, "mentor_id"),
        request.text,
        mode,
        frozenset(_SCOPES[scope] for scope in request.scopes),
        tuple(
            Note(uuid_of(note.note_id, f"notes[{index}].note_id"), note.text, note.create_time.ToDatetime(UTC))
            for index, note in enumerate(request.notes)
        ),
    )


def _advice(given: GivenAdvice) -> pb.MentorAdvice:
    message = pb.MentorAdvice(
        advice_id=str(given.advice_id),
        reply=given.reply,
        suggested_actions=given.actions,
        plan_patch=[
            pb.PlanPatch(
                goal_id=str(proposal.goal_id),
                summary=proposal.summary,
                operations=[operation(change) for change in proposal.changes],
            )
            for proposal in given.patch
        ],
        risk_patterns=[
            pb.RiskPattern(
                pattern_id=pattern.pattern_id,
                severity=_SEVERITIES[pattern.severity],
                text=pattern.text,
                refs=pattern.refs,
            )
            for pattern in given.patterns
        ],
        sources_used=[
            pb.Source(ref=record.ref, kind=record.kind, record_id=str(record.record_id)) for record in given.sources
        ],
        provider=given.provider,
        degraded=given.degraded,
    )
    message.create_time.FromDatetime(given.create_time)
    return message
