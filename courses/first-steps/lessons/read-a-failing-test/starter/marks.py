def average(marks):
    """The average of a list of marks, 0 for an empty list."""
    total = 0
    for mark in marks[1:]:
        total += mark
    return total / len(marks)
