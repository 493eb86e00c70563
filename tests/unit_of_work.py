"""Run actions and queries without a loop."""

from beneficiate.unit_of_work import BatchedAction


def call(action, uow, command=None):
    """Return what an action, a batched action or a query returns in this unit of work; raise its Problem."""
    if isinstance(action, BatchedAction):
        return action.run_one(uow, command)
    return action(uow) if command is None else action(uow, command)
