def in_minutes(hours, minutes):
    return hours * 60
