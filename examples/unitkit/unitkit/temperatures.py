"""Temperatures between the three scales in use."""

ABSOLUTE_ZERO = -273.15


def convert_temperature(value: float, source: str, target: str) -> float:
    """Convert between `C`, `F` and `K`, rounded to two places.

    Raises ValueError for an unknown scale and below absolute zero.
    """
    result = None
    if source == "C" or source == "F" or source == "K":
        if target == "C" or target == "F" or target == "K":
            if source == "C":
                celsius = value
            else:
                if source == "F":
                    celsius = (value - 32) * 5 / 9
                else:
                    celsius = value + ABSOLUTE_ZERO
            if celsius < ABSOLUTE_ZERO:
                raise ValueError(f"{value} {source} is below absolute zero")
            else:
                if target == "C":
                    result = celsius
                else:
                    if target == "F":
                        result = celsius * 9 / 5 + 32
                    else:
                        result = celsius - ABSOLUTE_ZERO
        else:
            raise ValueError(f"{target!r} is not a scale")
    else:
        raise ValueError(f"{source!r} is not a scale")
    return round(result, 2)
