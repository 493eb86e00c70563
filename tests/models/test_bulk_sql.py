"""The texts of statements for many rows name what they read and what they change."""

from beneficiate.models.bulk_sql import fetch_sql, insert_sql, rows_to_json, update_sql

ID, NAME = ("id", "(new.value->>0)::integer"), ("name", "(new.value->>1)::text")


def test_rows_are_locked_in_order_of_id_on_postgresql_only():
    locking = [fetch_sql("plans", ("id", "name"), True, is_postgresql) for is_postgresql in (True, False)]
    assert locking == [
        "SELECT id, name FROM plans WHERE id = ANY(%s::integer[]) ORDER BY id FOR NO KEY UPDATE",
        "SELECT id, name FROM plans WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
    ]


def test_inserted_values_come_from_json_and_from_defaults():
    sql = insert_sql("plans", (ID, NAME), (("status", "%s::text"),), "RETURNING id", True)
    assert sql == (
        "INSERT INTO plans (id, name, status) SELECT (new.value->>0)::integer, (new.value->>1)::text, %s::text "
        "FROM json_array_elements(%s::json) AS new(value) RETURNING id"
    )
    assert "RETURNING" not in insert_sql("plans", (ID, NAME), (), "", False)


def test_new_names_a_column_of_the_rows():
    assert update_sql("plans", "name = new.name", (ID, NAME), True) == (
        "UPDATE plans SET name = (new.value->>1)::text FROM json_array_elements(%s::json) AS new(value) "
        "WHERE plans.id = (new.value->>0)::integer AND plans.id = ANY(%s::integer[])"
    )


def test_rows_are_one_text():
    assert rows_to_json([(1, "ñ", None, True)]) == '[[1,"ñ",null,true]]'
