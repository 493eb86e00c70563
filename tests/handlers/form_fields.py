"""What the form of a page sends, as a browser would read it."""

from html.parser import HTMLParser


class FormReader(HTMLParser):
    """Collects the fields of the form with this id, several values of one name joined by commas."""

    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._form_id = form_id
        self._is_inside = False
        self._name = ""
        self._text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._is_inside = given.get("id") == self._form_id
        name = given.get("name") or ""
        if not self._is_inside:
            return
        if tag == "input" and (given.get("type") not in ("checkbox", "radio") or "checked" in given):
            self._add(name, given.get("value") or "")
        elif tag in ("textarea", "select"):
            self._name, self._text = name, ""
        elif tag == "option" and "selected" in given:
            self._add(self._name, given.get("value") or "")

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._is_inside:
            self._add(self._name, self._text.removeprefix("\n"))
        elif tag == "form":
            self._is_inside = False

    def _add(self, name: str, value: str) -> None:
        self.fields[name] = f"{self.fields[name]},{value}" if name in self.fields else value


def read_form(text: str, form_id: str = "edit-form") -> dict[str, str]:
    """Return the fields of a form of a page."""
    reader = FormReader(form_id)
    reader.feed(text)
    return reader.fields
