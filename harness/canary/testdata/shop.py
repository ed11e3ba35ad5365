def total(items):
    return sum(items)


def names(basket):
    return sorted(basket)


def bill(prices):
    return "".join(f"{name:<6}{price}\n" for name, price in prices.items())


def average(items):
    return sum(items) / len(items)


def is_open(day):
    return day != "sunday"


def nested():
    return {"a": [1, (2, "x")], "b": None}


def price(name):
    raise ValueError(f"no price for {name}")


def greet(name):
    return f"Привет, {name}!"
