"""The vendors of models: one adapter each over its SDK, one view of their failures, and what keeps them at bay.

An SDK is imported when its key is set and not before. Retrying, waiting and falling back are ours alone, and so is
saying whether a stream was complete: neither SDK notices a clean end before the end. Source: ADR-0081.
"""
