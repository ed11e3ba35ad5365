def average(marks):
    """The average of a list of marks, 0 for an empty list."""
    if not marks:
        return 0
    total = 0
    for mark in marks:
        total += mark
    return total / len(marks)
