def in_minutes(hours, minutes):
    print(hours * 60 + minutes)
