"""What the environment says. Names are the contract's; an error names the variable and what to change."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

SHIPPED_PATHWAY = Path(__file__).parent.parent / "core" / "pathways" / "hammersmith-fulham.yaml"
DEMONSTRATION_DIRECTORY = Path(__file__).parent / "demonstration" / "directory.yaml"
DEMONSTRATION_DATABASE = "sqlite:///var/demonstration.db"
DEMONSTRATION_KEY = Path("var/demonstration.key")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class ConfigurationInvalid(Exception):
    """One clear line on what to change; the command ends with 2."""


class Settings(BaseSettings):
    """Every setting, with its default. `.env` beside the program is read too."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    host: str = "127.0.0.1"
    port: int = Field(default=8765, ge=0, le=65535)
    public_url: str = ""
    database_url: str = "sqlite:///var/escalate.db"
    pathway_file: Path = SHIPPED_PATHWAY
    directory_file: Path | None = None
    encryption_keys: str = Field(default="", repr=False)
    slack_signing_secret: str = Field(default="", repr=False)
    slack_bot_token: str = Field(default="", repr=False)
    slack_api_url: str = ""
    slack_pace: float = Field(default=1.0, ge=0)
    microsoft_app_id: str = ""
    microsoft_app_password: str = Field(default="", repr=False)
    microsoft_app_tenant_id: str = ""
    microsoft_app_type: Literal["SingleTenant", "MultiTenant", "UserAssignedMSI"] = "SingleTenant"
    microsoft_app_certificate: Path | None = None
    azure_federated_token_file: str = ""
    teams_allowed_tenants: str = ""
    teams_service_hosts: str = ""
    teams_openid_url: str = ""
    teams_token_url: str = ""
    teams_insecure_local: bool = False
    local_page: bool | None = None
    rate_limits: float = Field(default=1.0, gt=0)
    log_format: Literal["console", "json", ""] = ""

    @property
    def slack(self) -> bool:
        return bool(self.slack_bot_token or self.slack_signing_secret)

    @property
    def teams(self) -> bool:
        return bool(self.microsoft_app_id) or self.teams_insecure_local

    @property
    def page(self) -> bool:
        """On when no platform is set, unless the environment says otherwise."""
        return not (self.slack or self.teams) if self.local_page is None else self.local_page

    @property
    def on_loopback(self) -> bool:
        return self.host in LOOPBACK


def read_settings() -> Settings:
    """Raises ConfigurationInvalid."""
    try:
        settings = Settings()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "the environment"
        raise ConfigurationInvalid(f"{name} is not right: {first['msg']}.") from None
    if settings.slack and not (settings.slack_bot_token and settings.slack_signing_secret):
        missing = "SLACK_SIGNING_SECRET" if settings.slack_bot_token else "SLACK_BOT_TOKEN"
        raise ConfigurationInvalid(f"Slack needs {missing} as well.")
    if settings.teams_insecure_local and not settings.on_loopback:
        raise ConfigurationInvalid(
            "TEAMS_INSECURE_LOCAL lets anybody in, so it is for this machine only. "
            "Set HOST to 127.0.0.1, or take it out."
        )
    return settings


def listed(value: str) -> frozenset[str]:
    """What is between the commas."""
    return frozenset(part.strip() for part in value.split(",") if part.strip())


def check_demonstration(settings: Settings) -> None:
    """A demonstration is for one machine: it reaches no real platform, and is not reached from elsewhere."""
    if settings.slack and urlsplit(settings.slack_api_url).hostname not in LOOPBACK:
        raise ConfigurationInvalid(
            "This database is a demonstration, and Slack is not on this machine. "
            "Use another DATABASE_URL, or take the SLACK_ settings out."
        )
    if settings.teams and not _teams_is_here(settings):
        raise ConfigurationInvalid(
            "This database is a demonstration, and Teams is not on this machine. "
            "Use another DATABASE_URL, or take the MICROSOFT_ and TEAMS_ settings out."
        )
    if not settings.on_loopback:
        raise ConfigurationInvalid("The local page is for this machine only. Set HOST to 127.0.0.1.")


def _teams_is_here(settings: Settings) -> bool:
    hosts = {urlsplit(f"//{host}").hostname for host in listed(settings.teams_service_hosts)}
    if settings.teams_insecure_local:
        return hosts <= LOOPBACK
    hosts |= {urlsplit(url).hostname for url in (settings.teams_openid_url, settings.teams_token_url)}
    return bool(listed(settings.teams_service_hosts)) and hosts <= LOOPBACK
