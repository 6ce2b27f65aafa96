"""Makes the documents that the front door's stories send, by the programs and libraries that people make theirs with.

Usage: documents.py FOLDER. Needs python-docx, python-pptx, openpyxl, xlwt, odfpy, msoffcrypto-tool, LibreOffice,
pandoc and ImageMagick.
"""
import email.message
import io
import pathlib
import subprocess
import sys
import zipfile
import zlib

import docx
import openpyxl
import pptx
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile

out = pathlib.Path(sys.argv[1])

PAGES = [
    "The lighthouse of Skagen was painted in the spring of 1957.",
    "The ferryman keeps a spare oar under the bench.",
    "The bakery on the quay opens at half past five.",
]
ГЛАВЫ = [
    "Маяк на мысе покрасили весной тысяча девятьсот пятьдесят седьмого года.",
    "Паромщик хранит запасное весло под скамьёй.",
    "Пекарня на набережной открывается в половине шестого.",
]


def run(*command):
    subprocess.run([str(part) for part in command], check=True, cwd=out, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def office(target, *names):
    """Has LibreOffice turn files into others."""
    run("soffice", f"-env:UserInstallation={(out / 'profile').as_uri()}", "--headless", "--convert-to", target,
        "--outdir", out, *names)


def word(name, pages):
    document = docx.Document()
    for number, text in enumerate(pages, 1):
        document.add_heading(f"Part {number}", 1)
        document.add_paragraph(text)
        if number < len(pages):
            document.add_page_break()
    document.save(out / name)


def texts():
    word("harbour.docx", PAGES)
    word("гавань.docx", ГЛАВЫ)
    markdown = "".join(f"# Part {number}\n\n{text}\n\n" for number, text in enumerate(PAGES, 1))
    (out / "notes.md").write_text(markdown, encoding="utf-8")
    for name in ["book.epub", "page.html", "letter.rtf", "letter.odt"]:
        run("pandoc", "-s", "notes.md", "--metadata", "title=Harbour", "-o", name)
    run("soffice", f"-env:UserInstallation={(out / 'profile').as_uri()}", "--headless", "--convert-to", "pdf",
        "harbour.docx", "гавань.docx")
    russian = "\n".join(ГЛАВЫ) + "\n"
    for name, encoding in [("cp1251.txt", "cp1251"), ("koi8.txt", "koi8-r"), ("utf16.txt", "utf-16")]:
        (out / name).write_bytes(russian.encode(encoding))
    (out / "ferry.py").write_text("SPARE_OAR = 'under the bench'  # where the ferryman keeps it\n", encoding="utf-8")
    (out / "ferry.json").write_text('{"ferryman": {"spare oar": "under the bench"}}', encoding="utf-8")
    (out / "film.srt").write_text("1\n00:01:05,000 --> 00:01:09,000\nThe ferryman keeps a spare oar\n"
                                  "under the bench.\n", encoding="utf-8")
    (out / "film.vtt").write_text("WEBVTT\n\n00:01:05.000 --> 00:01:09.000\nThe ferryman keeps a spare oar under "
                                  "the bench.\n", encoding="utf-8")


def tables():
    rows = [("Item", "Place"), ("spare oar", "under the bench"), ("lantern", "in the cabin")]
    book = openpyxl.Workbook()
    book.active.title = "Boat"
    for row in rows:
        book.active.append(row)
    book.create_sheet("Crew").append(["Ferryman", "Ole"])
    book.save(out / "boat.xlsx")
    old = xlwt.Workbook()
    for name, lines in [("Boat", rows), ("Crew", [("Ferryman", "Ole")])]:
        sheet = old.add_sheet(name)
        for row, cells in enumerate(lines):
            for column, text in enumerate(cells):
                sheet.write(row, column, text)
    old.save(str(out / "old.xls"))
    (out / "boat.csv").write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    run("cp", "boat.xlsx", "boat2.xlsx")
    office("ods", "boat2.xlsx")


def slides():
    deck = pptx.Presentation()
    for number, text in enumerate(PAGES, 1):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = f"Part {number}"
        slide.placeholders[1].text_frame.text = text
    deck.save(out / "deck.pptx")


def mail_and_archive():
    mail = email.message.EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "ole@example.org", "eva@example.org", "The boat"
    mail.set_content("Where things are stands in the sheet.")
    mail.add_attachment((out / "boat.csv").read_bytes(), maintype="text", subtype="csv", filename="boat.csv")
    (out / "mail.eml").write_bytes(bytes(mail))
    with zipfile.ZipFile(out / "all.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ["boat.xlsx", "notes.md"]:
            archive.write(out / name, name)


def pictures():
    run("convert", "-size", "600x200", "gradient:navy-white", "shown.jpg")
    shown = (out / "shown.jpg").read_bytes()
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 200]/Resources<</XObject<</I 5 0 R>>>>/Contents 6 0 R>>"
    (out / "scan.pdf").write_bytes(pdf([
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 2/Kids[3 0 R 4 0 R]>>", page, page,
        f"<</Type/XObject/Subtype/Image/Width 600/Height 200/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"
        f"/Length {len(shown)}>>\nstream\n".encode() + shown + b"\nendstream",
        b"<</Length 27>>\nstream\nq 600 0 0 200 0 0 cm /I Do Q\nendstream"]))
    run("cp", "shown.jpg", "picture.pdf")
    run("cp", "harbour.pdf", "really-pdf.docx")


def pdf(objects):
    """A PDF of these objects, numbered from 1; the first is the catalog."""
    file, places = io.BytesIO(), []
    file.write(b"%PDF-1.7\n")
    for number, body in enumerate(objects, 1):
        places.append(file.tell())
        file.write(f"{number} 0 obj\n".encode() + body + b"\nendobj\n")
    start = file.tell()
    file.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode())
    file.write("".join(f"{place:010} 00000 n \n" for place in places).encode())
    file.write(f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n".encode())
    return file.getvalue()


def hostile():
    with zipfile.ZipFile(out / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as bomb:
        bomb.writestr("a.txt", b" " * (40 << 20))
    inner = b"The end of it."
    for level in range(120):
        layer = io.BytesIO()
        with zipfile.ZipFile(layer, "w", zipfile.ZIP_STORED) as archive:
            archive.writestr("in.zip" if level else "in.txt", inner)
        inner = layer.getvalue()
    (out / "nested.zip").write_bytes(inner)
    entities = '<!DOCTYPE w [<!ENTITY a "lol">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{("&" + chr(97 + n) + ";") * 10}">' for n in range(9)) + "]>"
    with zipfile.ZipFile(out / "laughs.docx", "w", zipfile.ZIP_DEFLATED) as laughs:
        with zipfile.ZipFile(out / "harbour.docx") as clear:
            for name in clear.namelist():
                body = clear.read(name)
                if name == "word/document.xml":
                    start = body.index(b"<w:document")
                    end = body.index(b"</w:p>")
                    body = body[:start] + entities.encode() + body[start:end] + b"<w:r><w:t>&j;</w:t></w:r>" + body[end:]
                laughs.writestr(name, body)
    (out / "cyclic.pdf").write_bytes(pdf([b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Count 1/Kids[2 0 R]>>"]))
    (out / "deep.html").write_bytes(b"<html><body>" + b"<div>" * 200_000 + b"deep" + b"</div>" * 200_000)
    for name in ["harbour.docx", "boat.xlsx"]:
        with open(out / f"locked-{name}", "wb") as locked:
            OOXMLFile(io.BytesIO((out / name).read_bytes())).encrypt("secret", locked)
    locked_pdf()
    (out / "cut.pdf").write_bytes((out / "harbour.pdf").read_bytes()[:700])
    (out / "cut.docx").write_bytes((out / "harbour.docx").read_bytes()[:700])
    (out / "noise.bin").write_bytes(bytes([0, 159, 146, 150, 7, 0]) * 50)
    (out / "empty.txt").write_bytes(b"")
    (out / "blank.txt").write_bytes(b" \n \n")
    # Contents that unpack to so much that a child with little memory does not survive one page of them, nor one with
    # little time a dozen.
    packed = zlib.compress(b"BT /F1 9 Tf (word ) Tj ET\n" * 1_500_000, 6)
    for name, pages in [("heavy.pdf", 1), ("slow.pdf", 12)]:
        kids = " ".join(f"{number} 0 R" for number in range(5, 5 + pages))
        (out / name).write_bytes(pdf([
            b"<</Type/Catalog/Pages 2 0 R>>", f"<</Type/Pages/Count {pages}/Kids[{kids}]>>".encode(),
            b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
            f"<</Filter/FlateDecode/Length {len(packed)}>>\nstream\n".encode() + packed + b"\nendstream",
            *[b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F1 3 0 R>>>>/Contents 4 0 R>>"] * pages]))


def locked_pdf():
    """A ZIP and a PDF behind a password, by LibreOffice's own export and by setting the mark of a locked member."""
    run("soffice", f"-env:UserInstallation={(out / 'profile').as_uri()}", "--headless", "--convert-to",
        'pdf:writer_pdf_Export:{"EncryptFile":{"type":"boolean","value":"true"},'
        '"DocumentOpenPassword":{"type":"string","value":"secret"}}', "--outdir", out / "locked", "harbour.docx")
    (out / "locked" / "harbour.pdf").rename(out / "locked.pdf")
    plain = bytearray((out / "all.zip").read_bytes())
    for mark, flags in [(b"PK\3\4", 6), (b"PK\1\2", 8)]:
        at = plain.find(mark)
        while at >= 0:
            plain[at + flags] |= 1
            at = plain.find(mark, at + 4)
    (out / "locked.zip").write_bytes(plain)


for make in [texts, tables, slides, mail_and_archive, pictures, hostile]:
    make()
