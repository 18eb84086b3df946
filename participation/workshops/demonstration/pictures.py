"""Pictures of the demo, drawn rather than taken: people around a table, as paper cut-outs."""

import io

from PIL import Image, ImageDraw

_SIZE = (1_200, 800)
_WALL, _FLOOR, _TABLE, _PAPER = (233, 238, 243), (205, 213, 204), (178, 140, 98), (250, 248, 240)
_CLOTHES = ((62, 98, 150), (186, 92, 74), (86, 138, 92), (196, 158, 66), (120, 92, 146))
_SKIN = (226, 190, 160)
_NOTES = ((246, 222, 110), (160, 208, 232), (240, 168, 176), (176, 220, 160))


def group_work() -> bytes:
    """Return a picture of people who work around a table with coloured notes, as PNG."""
    picture = Image.new("RGB", _SIZE, _WALL)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 480, *_SIZE), fill=_FLOOR)
    draw.rectangle((240, 60, 960, 300), fill=_PAPER, outline=(150, 150, 150), width=4)
    for row in range(3):
        for column in range(9):
            left, top = 275 + column * 74, 85 + row * 70
            colour = _NOTES[(row * 3 + column) % len(_NOTES)]
            draw.rectangle((left, top, left + 54, top + 48), fill=colour)
    for number in range(5):
        _person(draw, 190 + number * 205, 400, _CLOTHES[number])
    draw.ellipse((120, 520, 1_080, 760), fill=_TABLE)
    draw.polygon(((380, 570), (820, 570), (880, 700), (320, 700)), fill=_PAPER)
    for number in range(12):
        left, top = 370 + number % 6 * 78, 590 + number // 6 * 52
        colour = _NOTES[number % len(_NOTES)]
        draw.rectangle((left, top, left + 50, top + 36), fill=colour)
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


def _person(draw: ImageDraw.ImageDraw, x: int, y: int, clothes: tuple[int, int, int]) -> None:
    draw.ellipse((x - 44, y - 104, x + 44, y - 16), fill=_SKIN)
    draw.pieslice((x - 48, y - 112, x + 48, y - 22), 180, 360, fill=(70, 58, 52))
    draw.rounded_rectangle((x - 76, y - 10, x + 76, y + 220), radius=56, fill=clothes)
