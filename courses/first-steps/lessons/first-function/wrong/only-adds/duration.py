def in_minutes(hours, minutes):
    return hours + minutes
