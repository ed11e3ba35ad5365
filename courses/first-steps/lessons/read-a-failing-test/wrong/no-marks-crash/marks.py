def average(marks):
    return sum(marks) / len(marks)
