import stat
from pathlib import Path

import pytest

from crm.core.config import BadSetting, Settings, normal_url, stored_secret


def from_env(monkeypatch: pytest.MonkeyPatch, folder: Path, **values: str) -> Settings:
    monkeypatch.setenv("FORANKRA_DATA", str(folder))
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return Settings.from_env()


def test_without_settings_the_data_lie_in_one_folder(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = from_env(monkeypatch, tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path / 'forankra.sqlite3'}"
    assert settings.mail.host == ""
    assert not settings.demo


def test_the_secret_is_made_once_and_read_by_its_owner_only(tmp_path: Path) -> None:
    first = stored_secret(tmp_path / "data")
    assert stored_secret(tmp_path / "data") == first
    assert len(first) > 40
    mode = stat.S_IMODE((tmp_path / "data" / "secret-key").stat().st_mode)
    assert mode == 0o600


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("postgres://a:b@h/d", "postgresql+psycopg://a:b@h/d"),
        ("postgresql://a@h/d", "postgresql+psycopg://a@h/d"),
        ("sqlite:////tmp/x.sqlite3", "sqlite:////tmp/x.sqlite3"),
    ],
)
def test_a_database_address_gets_the_driver_we_ship(given: str, normal: str) -> None:
    assert normal_url(given) == normal


@pytest.mark.parametrize(
    "given", ["mysql://a@h/d", "nonsense", "postgresql://", "postgresql://h:port/d"]
)
def test_another_database_is_refused_by_name(given: str) -> None:
    with pytest.raises(BadSetting, match="DATABASE_URL"):
        normal_url(given)


def test_a_mail_server_is_one_address(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = from_env(
        monkeypatch, tmp_path, FORANKRA_SMTP_URL="smtp+starttls://me:pw@mail.example.se:587"
    )
    assert (settings.mail.host, settings.mail.port) == ("mail.example.se", 587)
    assert settings.mail.starttls
    assert "pw" not in repr(settings)
    assert settings.secret_key not in repr(settings)


@pytest.mark.parametrize(
    "address", ["http://mail", "smtp://", "mail.example.se", "smtp://h:x", "smtp://["]
)
def test_a_malformed_mail_address_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, address: str
) -> None:
    with pytest.raises(BadSetting, match="FORANKRA_SMTP_URL"):
        from_env(monkeypatch, tmp_path, FORANKRA_SMTP_URL=address)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("FORANKRA_ORG_NUMBERS", "Vårt bolag AB"),
        ("FORANKRA_PROXY_HOPS", "many"),
        ("FORANKRA_PROXY_HOPS", "-1"),
        ("FORANKRA_BASE_URL", "crm.example.se"),
        ("FORANKRA_BASE_URL", "https://"),
        ("FORANKRA_BASE_URL", "javascript:alert(1)"),
        ("FORANKRA_BASE_URL", "https://[crm"),
        ("FORANKRA_MAIL_FROM", "Förankra"),
        ("FORANKRA_MAIL_FROM", "a@example.se\nBcc: b@example.se"),
    ],
)
def test_a_setting_that_cannot_be_meant_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, given: str
) -> None:
    with pytest.raises(BadSetting, match=name):
        from_env(monkeypatch, tmp_path, **{name: given})


def test_an_empty_secret_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "secret-key").touch()
    with pytest.raises(BadSetting, match="secret-key"):
        stored_secret(tmp_path)


def test_our_own_numbers_are_written_as_one_likes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = from_env(monkeypatch, tmp_path, FORANKRA_ORG_NUMBERS="556025-0051, 5561029843")
    assert settings.own_numbers == ("5560250051", "5561029843")
