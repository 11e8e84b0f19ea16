"""What the coach wrote unasked: weekly reviews and monthly reports."""

from typing import Final

from gateway.app.call import Call, Reply
from gateway.app.operation import LIST_S, Routes
from gateway.routes import answers, views
from gateway.routes.requests import ReviewFilter
from tandem.coach.v1 import review_pb2 as pb

routes: Final = Routes("Coach")

_KINDS: Final = {"weekly": pb.REVIEW_KIND_WEEKLY, "monthly": pb.REVIEW_KIND_MONTHLY}


@routes.get("/v1/coach/reviews", answer=answers.Page[answers.Review], budget_s=LIST_S)
async def list_reviews(call: Call, query: ReviewFilter) -> Reply:
    """Lists weekly reviews and monthly reports written for the caller, newest first."""
    coach = call.parts.services.coach
    request = pb.ListReviewsRequest(
        kind=_KINDS.get(query.kind or "", pb.REVIEW_KIND_UNSPECIFIED),
        page_size=query.page_size,
        page_token=query.page_token,
    )
    listed = await coach(coach.stub.ListReviews, request)
    return Reply(views.page([views.review(each) for each in listed.reviews], listed.next_page_token))
