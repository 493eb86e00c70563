"""Numbers of identity documents get their normal form: no type before them, no separators, no leading zeros.

A number that would then be another account's stays as it is: a person has to decide which of the two is right.
"""

import re
import unicodedata

LETTERS = ("PASSPORT", "OTHER")
PREFIX = re.compile("(CC|TI|RC|CE|PPT|PEP|NIT)([0-9]+)")
TYPES_BY_PREFIX = ("TI", "RC", "CE", "PPT", "PEP")


def normal_form(document_type, number):
    """Return (type, number); a number with another type before it is of that type."""
    plain = re.sub("[^A-Z0-9]", "", unicodedata.normalize("NFKC", number).upper())
    if document_type not in LETTERS and (match := PREFIX.fullmatch(plain)):
        plain = match[2]
        document_type = match[1] if match[1] in TYPES_BY_PREFIX else document_type
    if plain.isdecimal():
        plain = plain.lstrip("0")
    return (document_type, plain) if plain else (document_type, number)


def up(migrator, db):
    param = db.param
    for table in ("users", "beneficiaries"):
        rows = db.execute_sql(
            f"SELECT id, document_type, document_number FROM {table} ORDER BY id"  # noqa: S608  one of our two tables
        ).fetchall()
        taken = {(document_type, number) for _, document_type, number in rows}
        for id_, *stored in rows:
            wanted = normal_form(*stored)
            if wanted == tuple(stored) or (table == "users" and wanted in taken):
                continue
            taken.add(wanted)
            db.execute_sql(
                f"UPDATE {table} SET document_type = {param}, document_number = {param} WHERE id = {param}",  # noqa: S608
                (*wanted, id_),
            )
