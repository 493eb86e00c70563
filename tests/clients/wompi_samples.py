"""Answers of Wompi."""

GOOD = {
    "id": "12000001-1767225600-10001",
    "status": "APPROVED",
    "amount_in_cents": 8_990_000,
    "currency": "COP",
    "reference": "test_Ab3xYz_1767225590_q7RtVn2Kp",
    "payment_link_id": "test_Ab3xYz",
    "payment_method_type": "CARD",
    "payment_method": {"type": "CARD", "extra": {"brand": "VISA", "last_four": "4242"}},
    "status_message": None,
    "created_at": "2026-01-01T00:00:00.000Z",
}
