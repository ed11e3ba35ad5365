from duration import in_minutes


def expect(hours, minutes, expected):
    actual = in_minutes(hours, minutes)
    assert actual == expected, f"in_minutes({hours}, {minutes}) should be {expected}, but it is {actual!r}."


def test_whole_hours():
    expect(1, 0, 60)
    expect(2, 0, 120)


def test_hours_and_minutes():
    expect(1, 30, 90)
    expect(3, 5, 185)


def test_less_than_an_hour():
    expect(0, 45, 45)
    expect(0, 0, 0)


def test_the_answer_is_returned(capsys):
    answer = in_minutes(1, 30)
    printed = capsys.readouterr().out
    assert not printed, f"The function printed {printed.strip()!r}. It should say nothing and return the number."
    assert answer is not None, "The function returned nothing. Does it end with a line that starts with return?"
