"""What the page of a report, its files and the API say, read as it is: words as words, numbers to the last digit."""

import csv
import html
import io
import json
import re
import zipfile
from decimal import Decimal
from html.parser import HTMLParser

from tornado.httpclient import AsyncHTTPClient

from beneficiate.views.report_lines import LINE_HEADER
from tests.http_client import call_api

WORDS = ("part", "key", "name", "metric", "code", "unit", "change", "note")
WORDS_OF_PEOPLE = ("key", "name", "note")
NUMBERS = ("value", "count", "low", "high", "before")
LINE_NAMES = (*WORDS[:6], *NUMBERS, *WORDS[6:])
"""The names of the API in the order of the columns of the files."""
_CELL = re.compile(r'<c r="([A-Z])\d+"[^>]*?>(?:<v>([^<]*)</v>|<is><t[^>]*>([^<]*)</t></is>)</c>')


class PageReader(HTMLParser):
    """Reads a page: the rows of each table by its id, and what each chart says of its values.

    A cell is its text, and the small text below it; both without the blanks around them.
    """

    def __init__(self, text):
        super().__init__()
        self.tables, self.charts = {}, []
        self._rows, self._cell, self._part, self._title = [], None, 0, None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag == "table":
            self._rows = self.tables[given["id"]] = []
        elif tag == "tr":
            self._rows.append([])
        elif tag in ("td", "th"):
            self._cell, self._part = ["", ""], 0
        elif tag == "small":
            self._part = 1
        elif tag == "svg" and "chart" in given.get("class", "").split():
            self.charts.append([])
        elif tag == "title" and self.charts:
            self._title = ""

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self._rows[-1].append(tuple(" ".join(text.split(" ")).strip() for text in self._cell))
            self._cell = None
        elif tag == "small":
            self._part = 0
        elif tag == "title" and self._title is not None:
            self.charts[-1].append(self._title)
            self._title = None

    def handle_data(self, data):
        if self._title is not None:
            self._title += data
        elif self._cell is not None:
            self._cell[self._part] += data.strip(" \n")


async def read_answers(server, browser, boss, query):
    """Return the page, and the lines of CSV, workbook and API, all by the names of the API."""
    page = PageReader((await browser.get(f"/supervisor/reportes?{query}")).text)
    text = (await browser.get(f"/supervisor/reportes/cifras.csv?{query}")).text
    address = f"http://127.0.0.1:{server.port}/supervisor/reportes.xlsx?{query}"
    book = (await AsyncHTTPClient().fetch(address, headers={"Cookie": browser._cookie()})).body
    answer = (await call_api(server.port, f"reports?{query}", boss)).text
    lines = json.loads(answer, parse_float=Decimal, parse_int=Decimal)["data"]["lines"]
    return page, read_csv_lines(text), list(read_book_lines(book)), lines


def read_csv_lines(text):
    """Return the figures of a CSV file; a quotation mark before what people wrote is not part of its text."""
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=";"))
    lines = [dict(zip(LINE_NAMES, row, strict=True)) for row in rows[rows.index(list(LINE_HEADER)) + 1 :]]
    for line in lines:
        line.update({name: line[name].removeprefix("'") for name in WORDS_OF_PEOPLE})
        line.update({name: Decimal(line[name].replace(",", ".")) if line[name] else None for name in NUMBERS})
    return lines


def read_book_lines(body):
    """Yield the figures of a workbook; the numbers as they are written in it."""
    with zipfile.ZipFile(io.BytesIO(body)) as files:
        sheet = files.read("xl/worksheets/sheet2.xml").decode()
    for row in sheet.split("<row ")[2:]:
        found = {
            column: Decimal(number) if number else html.unescape(text) for column, number, text in _CELL.findall(row)
        }
        line = dict(zip(LINE_NAMES, map(found.get, "ABCDEFGHIJKLM"), strict=True))
        yield line | {name: line[name] or "" for name in WORDS}
