"""Small files with everything in them that says who made them, and builders for their parts."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping

SECRET = b"Michael Jones, 51.5007 N"


def jpeg_segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2, "big") + body


def exif(orientation: int, order: str = "II") -> bytes:
    """An Exif segment with an orientation and the secret behind it."""
    sign = "<" if order == "II" else ">"
    head = (b"II*\0" if order == "II" else b"MM\0*") + struct.pack(f"{sign}I", 8)
    entries = struct.pack(f"{sign}H", 2) + struct.pack(f"{sign}HHII", 0x010F, 2, len(SECRET), 60)
    entries += struct.pack(f"{sign}HHIHH", 0x0112, 3, 1, orientation, 0)
    return jpeg_segment(0xE1, b"Exif\0\0" + (head + entries).ljust(60, b"\0") + SECRET)


JFIF = jpeg_segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
TABLES = jpeg_segment(0xDB, bytes(65)) + jpeg_segment(0xC0, bytes(15)) + jpeg_segment(0xC4, bytes(20))
# Coded pixels hold stuffed bytes and restart marks; a progressive picture has several scans.
SCAN = jpeg_segment(0xDA, bytes(6)) + b"\x12\xff\x00\x34\xff\xd0\x56"


def jpeg(*more: bytes, before: bytes = JFIF) -> bytes:
    return b"\xff\xd8" + before + b"".join(more) + TABLES + SCAN + jpeg_segment(0xC4, bytes(20)) + SCAN + b"\xff\xd9"


PRIVATE_JPEG = jpeg(
    exif(1),
    jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET),
    jpeg_segment(0xE0, b"JFXX\0" + SECRET),
    jpeg_segment(0xE2, b"ICC_PROFILE\0" + SECRET),
    jpeg_segment(0xED, b"Photoshop 3.0\0" + SECRET),
    jpeg_segment(0xEE, b"Adobe\0d\0\0\0\0\0\1"),
    jpeg_segment(0xEE, SECRET),
    jpeg_segment(0xFE, SECRET),
)


def png_chunk(name: bytes, body: bytes = b"") -> bytes:
    return len(body).to_bytes(4, "big") + name + body + zlib.crc32(name + body).to_bytes(4, "big")


def png(*more: bytes) -> bytes:
    head = png_chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = png_chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(more) + pixels + png_chunk(b"IEND")


PRIVATE_PNG = png(
    png_chunk(b"gAMA", bytes(4)),
    *(png_chunk(name, SECRET) for name in (b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"iCCP", b"vpAg")),
)


def gif(*more: bytes) -> bytes:
    picture = b"\x2c" + bytes(8) + b"\x80" + bytes(6) + b"\2\2\x4c\1\0"
    return b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0x80, 0, 0) + bytes(6) + b"".join(more) + picture + b";"


GRAPHIC_CONTROL = b"\x21\xf9\4\0\0\0\0\0"
LOOP = b"\x21\xff\x0bNETSCAPE2.0\3\1\0\0\0"
PRIVATE_GIF = gif(
    LOOP,
    GRAPHIC_CONTROL,
    b"\x21\xfe" + bytes((len(SECRET),)) + SECRET + b"\0",
    b"\x21\xff\x0bXMP DataXMP" + bytes((len(SECRET),)) + SECRET + b"\0",
)


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(name + len(data).to_bytes(4, "little") + data + b"\0" * (len(data) % 2) for name, data in chunks)
    return b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body


PRIVATE_WEBP = webp((b"VP8X", b"\x2c" + bytes(9)), (b"ICCP", SECRET), (b"VP8 ", b"abc"), (b"EXIF", SECRET), (b"XMP ", SECRET))


def archive(members: Mapping[str, bytes]) -> bytes:
    """A zip file with a comment and an extra field of somebody's machine."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as opened:
        opened.comment = SECRET
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, (2026, 11, 2, 11, 0, 0))
            entry.comment = SECRET
            opened.writestr(entry, content)
    return written.getvalue()


DOCX = {
    "[Content_Types].xml": b"<Types/>",
    "docProps/core.xml": b"<cp:coreProperties><dc:creator>Michael Jones</dc:creator></cp:coreProperties>",
    "docProps/app.xml": b"<Properties><Company>Michael Jones, 51.5007 N</Company></Properties>",
    "docProps/custom.xml": b"<Properties>Michael Jones</Properties>",
    "docProps/thumbnail.jpeg": PRIVATE_JPEG,
    "word/document.xml": b"<w:document><w:t>Hello</w:t></w:document>",
    "word/media/image1.png": PRIVATE_PNG,
}
ODT = {
    "mimetype": b"application/vnd.oasis.opendocument.text",
    "meta.xml": b"<office:meta><dc:creator>Michael Jones</dc:creator></office:meta>",
    "settings.xml": b"<config>Michael Jones's printer</config>",
    "content.xml": b"<office:text>Hello</office:text>",
    "Thumbnails/thumbnail.png": PRIVATE_PNG,
}
