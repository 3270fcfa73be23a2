"""Turns, round by round: a drift of the machine's speed meets everyone, and ratios are taken within a round."""


def take_turns(contestants, rounds):
    """{name: rates, one per round} of {name: function that takes a turn and returns its rate}.

    Who begins changes from round to round, so that nobody always follows the same neighbour.
    """
    names = list(contestants)
    rates = {name: [] for name in names}
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            rates[name].append(contestants[name]())
    return rates


def ratios(ours, theirs):
    return [a / b for a, b in zip(ours, theirs)]
