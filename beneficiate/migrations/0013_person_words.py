"""The words by which people are found, and triggers that keep them, so that an older version may write names too.

The triggers come first. Then the people of before are updated without a change, in parts, and their words are written.
In SQLite the words come from a function of the connection (`open_database`).
"""

from peewee import PostgresqlDatabase

from beneficiate.migrations.online import create_indexes, schema_change

atomic = False

PART_ROWS = 1000

INDEXES = [
    "CREATE INDEX person_words_kind_word_user_id_beneficiary_id ON person_words (kind, word, user_id, beneficiary_id)",
    "CREATE INDEX person_words_kind_reversed_word_word ON person_words (kind, reversed_word, word)",
    "CREATE INDEX person_words_user_id ON person_words (user_id)",
    "CREATE INDEX person_words_beneficiary_id ON person_words (beneficiary_id)",
]
# For searches by the beginning of a value, byte by byte; SQLite compares so by itself.
PREFIX_INDEXES = [
    'CREATE INDEX users_email_bytes ON users (email COLLATE "C")',
    'CREATE INDEX users_document_number ON users (document_number COLLATE "C")',
    'CREATE INDEX beneficiaries_document_number ON beneficiaries (document_number COLLATE "C")',
]

# As `folding.fold`: normalize() decomposes, so that accents are characters of their own and whatever the locale knows.
POSTGRESQL_STATEMENTS = [
    r"""
CREATE OR REPLACE FUNCTION person_words_of(name_kind text, first_name text, last_name text, phone text)
RETURNS TABLE (kind text, word text) LANGUAGE sql IMMUTABLE AS $$
    SELECT DISTINCT name_kind, left(part, 100) FROM regexp_split_to_table(
        regexp_replace(
            replace(translate(lower(normalize(first_name || ' ' || last_name, NFKD)),
                'ÆÐØÞĐĦŁŊŒŦ', 'æðøþđħłŋœŧ'), 'ß', 'ss'),
            '[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]', '', 'g'),
        '[\u0001-\u002f\u003a-\u0060\u007b-\u00bf\u00d7\u00f7\u2000-\u206f]+') AS part
    WHERE part <> ''
    UNION ALL
    SELECT 'phone', right(digits, 10) FROM regexp_replace(phone, '[^0-9]', '', 'g') AS digits WHERE digits <> ''
$$
""",
    """
CREATE OR REPLACE FUNCTION index_user_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM person_words WHERE user_id = NEW.id AND kind <> 'beneficiary';
    INSERT INTO person_words (kind, word, reversed_word, user_id)
        SELECT kind, word, reverse(word), NEW.id
        FROM person_words_of('member', NEW.first_name, NEW.last_name, NEW.phone);
    RETURN NULL;
END $$
""",
    """
CREATE OR REPLACE FUNCTION index_beneficiary_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM person_words WHERE beneficiary_id = NEW.id;
    INSERT INTO person_words (kind, word, reversed_word, user_id, beneficiary_id)
        SELECT kind, word, reverse(word), NEW.user_id, NEW.id
        FROM person_words_of('beneficiary', NEW.first_name, NEW.last_name, '');
    RETURN NULL;
END $$
""",
    """
CREATE OR REPLACE TRIGGER users_words AFTER INSERT OR UPDATE OF first_name, last_name, phone ON users
    FOR EACH ROW EXECUTE FUNCTION index_user_words()
""",
    """
CREATE OR REPLACE TRIGGER beneficiaries_words AFTER INSERT OR UPDATE OF first_name, last_name ON beneficiaries
    FOR EACH ROW EXECUTE FUNCTION index_beneficiary_words()
""",
]

SQLITE_TRIGGER = """
CREATE TRIGGER IF NOT EXISTS {table}_words_{event} AFTER {when} ON {table} BEGIN
    DELETE FROM person_words WHERE {owned};
    INSERT INTO person_words (kind, word, reversed_word, user_id, beneficiary_id)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), {owner}
        FROM json_each(list_person_words('{kind}', NEW.first_name, NEW.last_name, {phone}));
END
"""
PEOPLE = {
    "users": {
        "columns": "first_name, last_name, phone",
        "kind": "member",
        "owned": "user_id = NEW.id AND kind <> 'beneficiary'",
        "owner": "NEW.id, NULL",
        "phone": "NEW.phone",
    },
    "beneficiaries": {
        "columns": "first_name, last_name",
        "kind": "beneficiary",
        "owned": "beneficiary_id = NEW.id",
        "owner": "NEW.user_id, NEW.id",
        "phone": "''",
    },
}


def up(migrator, db):
    is_postgresql = isinstance(db, PostgresqlDatabase)
    with schema_change(db):
        create_table(db, is_postgresql)
        create_indexes(db, INDEXES)
        create_indexes(db, [one if is_postgresql else one.replace(' COLLATE "C"', "") for one in PREFIX_INDEXES])
        create_triggers(db, is_postgresql)
        for table, parts in PEOPLE.items():
            index_people_of_before(db, table, parts["owned"].replace("NEW", table))


def create_table(db, is_postgresql):
    key = "SERIAL PRIMARY KEY" if is_postgresql else "INTEGER NOT NULL PRIMARY KEY"
    text = 'VARCHAR(100) COLLATE "C" NOT NULL' if is_postgresql else "VARCHAR(100) NOT NULL"
    db.execute_sql(
        f"CREATE TABLE IF NOT EXISTS person_words (id {key}, kind VARCHAR(11) NOT NULL, word {text}, "
        f"reversed_word {text}, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE, "
        "beneficiary_id INTEGER REFERENCES beneficiaries (id) ON DELETE CASCADE)"
    )


def create_triggers(db, is_postgresql):
    if is_postgresql:
        for statement in POSTGRESQL_STATEMENTS:
            db.execute_sql(statement)
        return
    for table, parts in PEOPLE.items():
        for event, when in (("insert", "INSERT"), ("update", f"UPDATE OF {parts['columns']}")):
            db.execute_sql(SQLITE_TRIGGER.format(table=table, event=event, when=when, **parts))


def index_people_of_before(db, table, has_words):
    (last,) = db.execute_sql(f"SELECT COALESCE(MAX(id), 0) FROM {table}").fetchone()  # noqa: S608  one of our tables
    for start in range(1, last + 1, PART_ROWS):
        db.execute_sql(
            f"UPDATE {table} SET first_name = first_name WHERE id BETWEEN {start} AND {start + PART_ROWS - 1} "  # noqa: S608
            f"AND NOT EXISTS (SELECT 1 FROM person_words WHERE {has_words})"
        )
