"""Rows of a text file with separators, as spreadsheets write it: semicolons, tabs or commas."""

import csv
import io
from collections.abc import Iterator


class NotText(ValueError):
    """What was given is no text with rows."""


def decoded(content: bytes) -> str:
    """UTF-8 with or without its mark, else the code page of Swedish Windows."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def rows(text: str) -> Iterator[list[str]]:
    """The cells of each row; the sign that stands most often in the first row parts them.

    Raises NotText, which may be in the middle of the rows.
    """
    if "\0" in text:
        raise NotText
    heading = text.lstrip().split("\n", 1)[0]
    delimiter = max(";\t,", key=heading.count)
    try:
        yield from csv.reader(io.StringIO(text.lstrip(), newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise NotText from error
