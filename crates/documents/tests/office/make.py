"""Makes the documents that the tests read, by the programs and libraries that people make theirs with.

Usage: make.py FOLDER. Needs python-docx, python-pptx, openpyxl, xlwt, odfpy, msoffcrypto-tool, LibreOffice and pandoc.
"""
import datetime
import io
import pathlib
import subprocess
import sys
import zipfile

import docx
import odf.draw
import odf.opendocument
import odf.presentation
import odf.style
import odf.table
import odf.text
import openpyxl
import pptx
import xlwt
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from msoffcrypto.format.ooxml import OOXMLFile
from pptx.util import Inches

out = pathlib.Path(sys.argv[1])


def run(text):
    return parse_xml(f"<w:r {nsdecls('w')}>{text}</w:r>")


def rich():
    document = docx.Document()
    document.core_properties.title = "Harbour report"
    document.sections[0].header.paragraphs[0].text = "Letterhead"
    document.add_heading("First chapter", 1)
    paragraph = document.add_paragraph("Alpha bravo ")
    paragraph.add_run("charlie").bold = True
    paragraph.add_run(" Привет, мир: ёлка и щука.")
    document.add_paragraph("apples", style="List Bullet")
    document.add_paragraph("pears", style="List Bullet")
    document.add_paragraph("wash", style="List Number")
    document.add_paragraph("peel", style="List Number")
    document.add_heading("Second chapter", 2)
    table = document.add_table(rows=3, cols=3)
    for row, texts in enumerate([("City", "Count", "Note"), ("Riga", "12", "a|b"), ("Oslo", "7", "two\nlines")]):
        for column, text in enumerate(texts):
            table.cell(row, column).text = text
    inner = table.cell(2, 0).add_table(rows=1, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "nested", "inside"
    commented = document.add_paragraph("Delta echo")
    document.add_comment(commented.runs, text="Remarkable comment", author="Alice")
    document.add_paragraph("Last words.")
    document.save(out / "rich.docx")


def marked():
    """What Word writes and python-docx has no words for."""
    document = docx.Document()
    w = nsdecls("w")
    changed = document.add_paragraph("Kept ")
    changed._p.append(parse_xml(f'<w:ins {w} w:id="1" w:author="a"><w:r><w:t>inserted</w:t></w:r></w:ins>'))
    changed._p.append(parse_xml(f'<w:del {w} w:id="2" w:author="a"><w:r><w:delText>removed</w:delText></w:r></w:del>'))
    changed._p.append(run("<w:rPr><w:vanish/></w:rPr><w:t>invisible</w:t>"))
    changed._p.append(run('<w:t>hy</w:t><w:softHyphen/><w:t>phen</w:t><w:tab/><w:sym w:font="Wingdings" w:char="F0FC"/>'))
    boxed = document.add_paragraph("Beside a box")
    boxed._p.append(parse_xml(
        f'<w:r {w} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
        'xmlns:v="urn:schemas-microsoft-com:vml" '
        'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"><mc:AlternateContent>'
        '<mc:Choice Requires="wps"><w:drawing><wps:txbx><w:txbxContent><w:p><w:r><w:t>boxed words</w:t></w:r></w:p>'
        "</w:txbxContent></wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent><w:p><w:r>"
        "<w:t>boxed words</w:t></w:r></w:p></w:txbxContent></v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"))
    second = document.add_paragraph("Still one ")
    second._p.append(run("<w:lastRenderedPageBreak/><w:t>and already two</w:t>"))
    document.add_paragraph("")._p.append(run('<w:br w:type="page"/>'))
    document.add_paragraph("")._p.append(run("<w:lastRenderedPageBreak/><w:t>On three</w:t>"))
    document.save(out / "marked.docx")


def deck():
    deck = pptx.Presentation()
    for number, (title, points) in enumerate([("Opening", ["one", "two"]), ("Middle", ["three"]), ("Closing", ["four"])]):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = title
        body = slide.placeholders[1].text_frame
        body.text = points[0]
        for point in points[1:]:
            paragraph = body.add_paragraph()
            paragraph.text, paragraph.level = point, 1
        if number == 1:
            slide.notes_slide.notes_text_frame.text = "Mention the budget"
            slide._element.set("show", "0")
    table = deck.slides[0].shapes.add_table(2, 2, Inches(1), Inches(3), Inches(4), Inches(1)).table
    for at, text in enumerate(["Key", "Value", "speed", "fast"]):
        table.cell(at // 2, at % 2).text = text
    # The last slide is shown first: the order is the presentation's, not that of the files' names.
    slides = deck.slides._sldIdLst
    slides.insert(0, slides[2])
    deck.save(out / "deck.pptx")


def book():
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Sales"
    sheet.append(["Yearly sales"])
    sheet.append([])
    sheet.append(["Day", "Town", "Share", "Sum", "Paid"])
    start = datetime.date(2024, 3, 1)
    for number in range(120):
        sheet.append([start + datetime.timedelta(number), f"Город {number}", number / 200, number + 0.1 + 0.2, number % 2 == 0])
        sheet.cell(sheet.max_row, 3).number_format = "0.0%"
    sheet["H4"] = datetime.datetime(2024, 3, 12, 14, 5)
    sheet["I4"] = datetime.time(9, 30)
    hidden = book.create_sheet("Secret")
    hidden.sheet_state = "hidden"
    hidden["B2"], hidden["C3"] = "left", "right"
    hidden.merge_cells("B2:C2")
    far = book.create_sheet("Far")
    far["A1"], far["XFD1048576"] = "near", "distant"
    book.create_sheet("Blank")
    book.save(out / "book.xlsx")
    shares = openpyxl.Workbook()
    shares.active.title = "Shares"
    for row, value in enumerate([0.25, 0.5], 1):
        shares.active.cell(row, 1, datetime.date(2024, 3, row)).number_format = "DD.MM.YYYY"
        shares.active.cell(row, 2, value).number_format = "0%"
    shares.active["XFD1048576"] = "distant"
    shares.save(out / "shares.xlsx")


def old_book():
    book = xlwt.Workbook()
    sheet = book.add_sheet("Старый")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for row, cells in enumerate([("Item", "When", "Price"), ("чай", datetime.date(2023, 12, 31), 4.5)]):
        for column, value in enumerate(cells):
            style = day if isinstance(value, datetime.date) else xlwt.Style.default_style
            sheet.write(row, column, value, style)
    book.save(str(out / "book.xls"))


def open_documents():
    text = odf.opendocument.OpenDocumentText()
    text.text.addElement(odf.text.H(outlinelevel=1, text="Open heading"))
    paragraph = odf.text.P(text="Before")
    paragraph.addElement(odf.text.S(c=3))
    paragraph.addText("after")
    note = odf.text.Note(noteclass="footnote")
    note.addElement(odf.text.NoteCitation(text="9"))
    body = odf.text.NoteBody()
    body.addElement(odf.text.P(text="Small print"))
    note.addElement(body)
    paragraph.addElement(note)
    text.text.addElement(paragraph)
    text.save(str(out / "small.odt"))
    slides = odf.opendocument.OpenDocumentPresentation()
    for title in ["Odd one", "Odd two"]:
        page = odf.draw.Page(name=title, masterpagename="")
        frame = odf.draw.Frame(width="10cm", height="2cm")
        frame.setAttrNS(odf.namespaces.PRESENTATIONNS, "class", "title")
        box = odf.draw.TextBox()
        box.addElement(odf.text.P(text=title))
        frame.addElement(box)
        page.addElement(frame)
        slides.presentation.addElement(page)
    slides.save(str(out / "slides.odp"))


MARKDOWN = """% Pandoc title

# Opening words

A paragraph with *stress*[^n] and [a link](https://example.org/).

[^n]: Footnote from below.

1. first step
2. second step
    - deeper

| Fruit | Colour |
|-------|--------|
| Plum  | violet |
| Lime  | green  |

## Further words

Конец — «цитата».
"""


def by_pandoc():
    (out / "pandoc.md").write_text(MARKDOWN, encoding="utf-8")
    for name in ["pandoc.docx", "pandoc.odt", "pandoc.rtf", "pandoc.pptx"]:
        subprocess.run(["pandoc", "-s", out / "pandoc.md", "-o", out / name], check=True)


def by_office():
    sources = {"odt": ["rich.docx"], "rtf": ["rich.docx"], "ods": ["book.xls", "shares.xlsx"], "odp": ["deck.pptx"],
               "xls": ["small.csv"], "docx": ["pandoc.odt"], "pptx": ["slides.odp"]}
    (out / "small.csv").write_text("name,amount\nпервый,1.50\n\"second, quoted\",2\n", encoding="utf-8")
    for target, names in sources.items():
        command = ["soffice", f"-env:UserInstallation={(out / 'profile').as_uri()}", "--headless", "--convert-to", target]
        command += ["--infilter=CSV:44,34,76,1"] if names == ["small.csv"] else []
        subprocess.run([*command, "--outdir", out / "office", *[out / name for name in names]], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    missing = [f"{pathlib.Path(name).stem}.{target}" for target, names in sources.items() for name in names
               if not (out / "office" / f"{pathlib.Path(name).stem}.{target}").exists()]
    assert not missing, f"LibreOffice did not convert {missing}"


def encrypted():
    for name in ["rich.docx", "book.xlsx", "deck.pptx"]:
        file = OOXMLFile(io.BytesIO((out / name).read_bytes()))
        with open(out / f"locked-{name}", "wb") as locked:
            file.encrypt("secret", locked)
    with zipfile.ZipFile(out / "small.odt") as clear, zipfile.ZipFile(out / "locked.odt", "w") as locked:
        for name in clear.namelist():
            content = clear.read(name)
            if name == "META-INF/manifest.xml":
                content = content.replace(b"</manifest:manifest>", b'<manifest:file-entry manifest:full-path="content.xml" '
                                          b'manifest:media-type="text/xml"><manifest:encryption-data/></manifest:file-entry>'
                                          b"</manifest:manifest>")
            locked.writestr(name, content)


for make in [rich, marked, deck, book, old_book, open_documents, by_pandoc, by_office, encrypted]:
    make()
