"""Makes the files that are measured, and reads them by the libraries that are compared.

Usage: peers.py make FOLDER, or peers.py read FILE: prints seconds of the import and the best of three readings, and
leaves the text in FILE.out. Needs reportlab, pypdf, python-docx and openpyxl.
"""
import pathlib
import random
import sys
import time

WORDS = ("harbour lantern compass meadow timber granite copper willow falcon ember orchard river summit anchor beacon canvas "
         "dapple fathom gravel hollow").split()


def sentence(dice):
    return " ".join(dice.choice(WORDS) + str(dice.randrange(100)) for _ in range(12))


def make(folder):
    import docx
    import openpyxl
    from reportlab.pdfgen import canvas

    dice, texts = random.Random(7), []
    page = canvas.Canvas(str(folder / "pages.pdf"))
    for _ in range(500):
        for line in range(40):
            texts.append(sentence(dice))
            page.drawString(40, 800 - 18 * line, texts[-1])
        page.showPage()
    page.save()
    (folder / "pages.pdf.words").write_text("\n".join(texts))

    texts, document = [], docx.Document()
    for number in range(150):
        texts.append(f"Chapter {number}")
        document.add_heading(texts[-1], 1)
        for _ in range(20):
            texts.append(sentence(dice))
            document.add_paragraph(texts[-1])
        table = document.add_table(rows=4, cols=3)
        for cell in table._cells:
            cell.text = dice.choice(WORDS) + str(number)
            texts.append(cell.text)
    document.save(folder / "report.docx")
    (folder / "report.docx.words").write_text("\n".join(texts))

    texts, book = [], openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Rows")
    for number in range(30_000):
        row = [dice.choice(WORDS) + str(number) if column % 2 else number + column for column in range(10)]
        sheet.append(row)
        texts.append(" ".join(map(str, row)))
    book.save(folder / "rows.xlsx")
    (folder / "rows.xlsx.words").write_text("\n".join(texts))


def readers():
    def pdf(path):
        return "\n".join(page.extract_text() for page in library.PdfReader(path).pages)

    def word(path):
        document = library.Document(path)
        parts = [paragraph.text for paragraph in document.paragraphs]
        return "\n".join(parts + [cell.text for table in document.tables for cell in table._cells])

    def sheets(path):
        book = library.load_workbook(path, read_only=True, data_only=True)
        return "\n".join(" ".join(str(value) for value in row) for sheet in book for row in sheet.iter_rows(values_only=True))

    return {".pdf": ("pypdf", pdf), ".docx": ("docx", word), ".xlsx": ("openpyxl", sheets)}


if sys.argv[1] == "make":
    make(pathlib.Path(sys.argv[2]))
else:
    path = sys.argv[2]
    name, read = readers()[pathlib.Path(path).suffix]
    began = time.perf_counter()
    library = __import__(name)
    imported = time.perf_counter() - began
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        text = read(path)
        best = min(best, time.perf_counter() - began)
    pathlib.Path(path + ".out").write_text(text)
    print(imported, best)
