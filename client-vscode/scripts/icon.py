"""Draw the extension's icon: three stacked bars, the cheapest tier widest. Run it to write `images/icon.png` again."""

import struct
import zlib
from pathlib import Path

SIZE = 128
SAMPLES = 4
"""Samples along each side of a pixel, for smooth edges."""
CORNER = 26.0
BACKGROUND = (24, 32, 52)
BARS = (
    (40.0, 26.0, 88.0, 46.0, (245, 158, 66)),
    (29.0, 54.0, 99.0, 74.0, (94, 148, 255)),
    (18.0, 82.0, 110.0, 102.0, (72, 201, 150)),
)
"""Left, top, right, bottom and color of each bar, from the top tier down."""


def is_inside(x: float, y: float, box: tuple[float, float, float, float], radius: float) -> bool:
    """Whether a point lies in a box with round corners."""
    left, top, right, bottom = box
    dx = max(left + radius - x, x - (right - radius), 0.0)
    dy = max(top + radius - y, y - (bottom - radius), 0.0)
    return left <= x <= right and top <= y <= bottom and dx * dx + dy * dy <= radius * radius


def color_at(x: float, y: float) -> tuple[int, int, int, int]:
    """Red, green, blue and opacity at one point."""
    if not is_inside(x, y, (0.0, 0.0, SIZE, SIZE), CORNER):
        return (0, 0, 0, 0)
    for left, top, right, bottom, color in BARS:
        if is_inside(x, y, (left, top, right, bottom), 6.0):
            return (*color, 255)
    return (*BACKGROUND, 255)


def pixel(column: int, row: int) -> bytes:
    """The mean color of a pixel's samples, colors weighted by opacity."""
    steps = [(index + 0.5) / SAMPLES for index in range(SAMPLES)]
    samples = [color_at(column + dx, row + dy) for dy in steps for dx in steps]
    opacity = sum(sample[3] for sample in samples)
    if opacity == 0:
        return bytes(4)
    colors = [round(sum(sample[i] * sample[3] for sample in samples) / opacity) for i in range(3)]
    return bytes([*colors, round(opacity / len(samples))])


def chunk(kind: bytes, body: bytes) -> bytes:
    """One chunk of a PNG file."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def main() -> None:
    """Write the picture."""
    rows = b"".join(b"\0" + b"".join(pixel(column, row) for column in range(SIZE)) for row in range(SIZE))
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 6, 0, 0, 0)
    target = Path(__file__).parent.parent / "images" / "icon.png"
    target.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
    )


if __name__ == "__main__":
    main()
