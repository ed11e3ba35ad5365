def in_minutes(hours, minutes):
    """How many minutes are there in so many hours and minutes?"""
    return hours * 60 + minutes


if __name__ == "__main__":
    print(in_minutes(1, 30))
