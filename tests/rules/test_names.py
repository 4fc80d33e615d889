"""How the names of people are written."""

from crm.rules.names import display_name


class TestDisplay:
    def test_person(self) -> None:
        assert display_name("lisa af berg-ek") == "Lisa af Berg-Ek"
        assert display_name(" Lisa  McBerg ") == "Lisa McBerg"
