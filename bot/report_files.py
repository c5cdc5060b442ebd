"""A report as a file: CSV for a spreadsheet, XLSX, or one HTML page that needs nothing else. Pure: bytes come out."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping

import xlsxwriter  # type: ignore[import-untyped]
from jinja2 import Environment, PackageLoader, select_autoescape

from bot.report import Report

FORMULA_STARTS = ("=", "+", "@", "\t")


def as_csv(report: Report) -> bytes:
    """Section, row, value; UTF-8 with a mark, so that spreadsheets read it. Nothing can be taken for a formula."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(("bagian", "keterangan", "nilai"))
    for section in report.sections:
        table.writerows((_plain(section.title), _plain(name), _plain(value)) for name, value in section.rows)
    return text.getvalue().encode("utf-8-sig")


def as_xlsx(report: Report) -> bytes:
    """One sheet, a heading for each section."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    bold = book.add_format({"bold": True})
    sheet.set_column(0, 0, 52)
    sheet.set_column(1, 1, 22)
    sheet.write_string(0, 0, report.title, bold)
    sheet.write_string(1, 0, report.made)
    line = 3
    for section in report.sections:
        sheet.write_string(line, 0, section.title, bold)
        for offset, (name, value) in enumerate(section.rows, start=1):
            sheet.write_string(line + offset, 0, name)
            sheet.write(line + offset, 1, value)
        line += len(section.rows) + 2
    book.close()
    return file.getvalue()


def as_html(report: Report) -> bytes:
    """A page to print or to send; everything is escaped."""
    pages = Environment(loader=PackageLoader("bot", "wording"), autoescape=select_autoescape(default=True))
    return pages.get_template("report.html").render(report=report).encode("utf-8")


FORMATS: Mapping[str, Callable[[Report], bytes]] = {"csv": as_csv, "xlsx": as_xlsx, "html": as_html}


def _plain(value: object) -> object:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value
