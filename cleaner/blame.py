"""Tell who decided on a block: what to look at first when a decision is not the one that was wanted."""

from __future__ import annotations

from cleaner.model import Decision


def decider(decision: Decision) -> str | None:
    """The code of the rule that decided on a block; None where no single one did, and only the sum counts.

    For a dropped block this is the strongest word for its kind, for a kept one the veto that keeps it. The headline
    is taken by `title`, which is no rule's code.
    """
    if decision.keep:
        return next((evidence.source for evidence in decision.ruled if evidence.veto), None)
    against = [evidence for evidence in decision.ruled if evidence.kind == decision.kind and evidence.points > 0]
    return max(against, key=lambda evidence: (evidence.decisive, evidence.points)).source if against else None
