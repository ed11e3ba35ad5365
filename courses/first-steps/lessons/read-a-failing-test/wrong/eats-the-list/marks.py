def average(marks):
    count = len(marks)
    total = 0
    while marks:
        total += marks.pop()
    return total / count if count else 0
