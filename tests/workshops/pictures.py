"""Photographs as a telephone takes them: with the place, the camera and the time."""

import io
from datetime import datetime

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from sqlalchemy.orm import Session

from participation.core.actors import Actor
from participation.files.models import StoredFile
from participation.files.services import store

CAMERA = "Kamera-7"
PLACE_NOTE = "koen-no-basho"


def photograph(width: int = 800, height: int = 600, *, kind: str = "JPEG") -> bytes:
    """Return a picture that tells where and with what it was taken."""
    picture = Image.new("RGB", (width, height), (90, 150, 90))
    exif = Image.Exif()
    exif[Base.Make] = CAMERA
    exif[Base.DateTime] = "2026:11:03 14:00:00"
    gps = exif.get_ifd(IFD.GPSInfo)
    gps[GPS.GPSLatitudeRef], gps[GPS.GPSLatitude] = "N", (35.0, 24.0, 9.0)
    gps[GPS.GPSLongitudeRef], gps[GPS.GPSLongitude] = "E", (139.0, 18.0, 53.0)
    gps[GPS.GPSAreaInformation] = PLACE_NOTE.encode()
    out = io.BytesIO()
    picture.save(out, kind, exif=exif)
    return out.getvalue()


def store_picture(session: Session, *, actor: Actor, now: datetime) -> StoredFile:
    """Store a picture as it is, for tests of who may see it."""
    data = photograph(40, 30)
    return store(session, data, name="写真.jpg", media_type="image/jpeg", actor=actor, now=now)
