from marks import average


def expect(marks, expected):
    actual = average(list(marks))
    assert actual == expected, f"average({marks}) should be {expected}, but it is {actual!r}."


def test_one_mark():
    expect([5], 5)


def test_several_marks():
    expect([3, 4, 5], 4)
    expect([1, 1, 1, 5], 2)


def test_the_answer_may_be_a_fraction():
    expect([4, 5], 4.5)


def test_no_marks():
    expect([], 0)


def test_the_list_is_left_alone():
    marks = [4, 5]
    average(marks)
    assert marks == [4, 5], f"The list was [4, 5] before the call and is {marks} after it."
