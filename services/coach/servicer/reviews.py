"""RPCs of what the coach writes unasked: reviews, rounds of suggestions, posts to groups."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from google.type.date_pb2 import Date

from chassis.identity.principal import Principal
from chassis.pages import PageTokens, page_size
from chassis.request import current
from services.coach.domain.reviews.group import Figure, GroupFindings
from services.coach.domain.reviews.writer import ReviewKind
from services.coach.errors import invalid_review_request
from services.coach.repository import Position
from services.coach.repository.reviews import StoredPost, StoredReview
from services.coach.servicer.fields import day_of, uuid_of
from services.coach.usecases import UseCases
from tandem.coach.v1 import review_pb2 as pb

_KINDS = {ReviewKind.WEEKLY: pb.REVIEW_KIND_WEEKLY, ReviewKind.MONTHLY: pb.REVIEW_KIND_MONTHLY}
_KINDS_IN = {number: kind for kind, number in _KINDS.items()}


class ReviewRpcs:
    """Writing for members and groups, and reading it again."""

    _use_cases: UseCases
    _page_tokens: PageTokens

    async def ListReviews(self, request: pb.ListReviewsRequest, context: Any) -> pb.ListReviewsResponse:  # noqa: N802
        """A page of the caller's reviews, newest first."""
        principal, limit = current().principal, page_size(request.page_size)
        scope = f"coach.reviews|{principal.member_id}|{request.kind}"
        # One more than asked tells whether there is another page.
        found = await self._use_cases.reviews.list_reviews(
            principal,
            kind=_KINDS_IN.get(request.kind),
            before=self._review_position(scope, request.page_token),
            limit=limit + 1,
        )
        last = found[limit - 1] if len(found) > limit else None
        token = self._page_tokens.seal(scope, last.create_time.isoformat(), str(last.review_id)) if last else ""
        return pb.ListReviewsResponse(reviews=[_review(each) for each in found[:limit]], next_page_token=token)

    async def WriteWeeklyReview(self, request: pb.WriteReviewRequest, context: Any) -> pb.Review:  # noqa: N802
        """A member's review of a week."""
        return await self._write(request, ReviewKind.WEEKLY, current().principal)

    async def WriteMonthlyReport(self, request: pb.WriteReviewRequest, context: Any) -> pb.Review:  # noqa: N802
        """A member's report of a month."""
        return await self._write(request, ReviewKind.MONTHLY, current().principal)

    async def SuggestChanges(  # noqa: N802 - the contract's name
        self, request: pb.SuggestChangesRequest, context: Any
    ) -> pb.SuggestChangesResponse:
        """Changes offered for goals that sag."""
        member_id, today = uuid_of(request.member_id, "member_id"), day_of(request.today, "today")
        offered = await self._use_cases.suggesting.suggest(current().principal, member_id, today)
        return pb.SuggestChangesResponse(suggestion_ids=offered)

    async def WriteGroupPost(self, request: pb.WriteGroupPostRequest, context: Any) -> pb.GroupPost:  # noqa: N802
        """A group's post of a week."""
        post = await self._use_cases.group_posts.write(
            GroupFindings(
                uuid_of(request.group_id, "group_id"),
                day_of(request.week, "week"),
                tuple(_figure(figure, index) for index, figure in enumerate(request.figures)),
            )
        )
        return _post(post)

    async def _write(self, request: pb.WriteReviewRequest, kind: ReviewKind, principal: Principal) -> pb.Review:
        member_id, day = uuid_of(request.member_id, "member_id"), day_of(request.date, "date")
        return _review(await self._use_cases.reviews.write(principal, member_id, kind, day))

    def _review_position(self, scope: str, token: str) -> Position | None:
        if not token:
            return None
        time, row_id = self._page_tokens.open(scope, token)
        return Position(datetime.fromisoformat(time), UUID(row_id))


def _figure(figure: pb.GroupFigure, index: int) -> Figure:
    if not 0 <= figure.done <= figure.due or figure.streak < 0:
        raise invalid_review_request(f"figures[{index}].done", "must lie between 0 and `due`")
    return Figure(
        uuid_of(figure.member_id, f"figures[{index}].member_id"),
        figure.display_name,
        figure.done,
        figure.due,
        figure.streak,
        figure.ai_vendors,
    )


def _review(stored: StoredReview) -> pb.Review:
    message = pb.Review(
        review_id=str(stored.review_id),
        member_id=str(stored.member_id),
        kind=_KINDS[stored.kind],
        start_date=_day(stored.first),
        end_date=_day(stored.last),
        text=stored.review.text,
        action_steps=stored.review.action_steps,
        provider=stored.provider,
        degraded=stored.degraded,
    )
    message.create_time.FromDatetime(stored.create_time)
    return message


def _post(stored: StoredPost) -> pb.GroupPost:
    message = pb.GroupPost(
        post_id=str(stored.post_id),
        group_id=str(stored.group_id),
        text=stored.text,
        provider=stored.provider,
        degraded=stored.degraded,
    )
    message.create_time.FromDatetime(stored.create_time)
    return message


def _day(day: date) -> Date:
    return Date(year=day.year, month=day.month, day=day.day)
