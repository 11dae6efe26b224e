"""What the adapter is told at the start, and whom it lets in: tenants and service hosts are named one by one.

Each cloud of Microsoft's has addresses of its own; which one it is follows from the OpenID document's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

LONDON: Final = ZoneInfo("Europe/London")
PUBLIC_OPENID: Final = "https://login.botframework.com/v1/.well-known/openidconfiguration"
LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
GUID: Final = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
LIKE: Final = "00000000-0000-0000-0000-000000000000"
HOST: Final = re.compile(r"[^\s/@?#]+")
AppType: TypeAlias = Literal["SingleTenant", "MultiTenant", "UserAssignedMSI"]


class TeamsSettingsInvalid(ValueError):
    """One sentence that names what to change."""


class NotAllowed(Exception):
    """A tenant or a service address that isn't on our list. Names neither: both come from outside."""


@dataclass(frozen=True)
class Cloud:
    """`issuer` of the tokens we are shown; `login` and `scope` for the token we show; `hosts` that a service
    URL may name; `service_url`: where to begin with a tenant that never wrote to us.
    """

    issuer: str
    login: str
    scope: str
    home: str
    hosts: frozenset[str]
    service_url: str


PUBLIC: Final = Cloud(
    issuer="https://api.botframework.com",
    login="https://login.microsoftonline.com",
    scope="https://api.botframework.com/.default",
    home="botframework.com",
    hosts=frozenset({"smba.trafficmanager.net", "smba.infra.gcc.teams.microsoft.com"}),
    service_url="https://smba.trafficmanager.net/teams/",
)
GCC_HIGH: Final = Cloud(
    issuer="https://api.botframework.us",
    login="https://login.microsoftonline.us",
    scope="https://api.botframework.us/.default",
    home="MicrosoftServices.onmicrosoft.us",
    hosts=frozenset({"smba.infra.gov.teams.microsoft.us", "smba.infra.dod.teams.microsoft.us"}),
    service_url="https://smba.infra.gov.teams.microsoft.us/teams/",
)
CHINA: Final = Cloud(
    issuer="https://api.botframework.azure.cn",
    login="https://login.partner.microsoftonline.cn",
    scope="https://api.botframework.azure.cn/.default",
    home="microsoftservices.partner.onmschina.cn",
    hosts=frozenset(),  # Microsoft names none in public: TEAMS_SERVICE_HOSTS has to
    service_url="",
)
CLOUDS: Final = {
    "login.botframework.com": PUBLIC,
    "login.botframework.azure.us": GCC_HIGH,
    "login.botframework.azure.cn": CHINA,
}
"""By the host of the OpenID document; any other (a test's) stands for the public one."""


@dataclass(frozen=True)
class TeamsSettings:
    """One bot registration.

    `tenant_id`: the bot's own. `allowed_tenants`: whose people may speak to it; the bot's own if empty.
    `service_hosts`: exact hosts ("host" or "host:port"), the cloud's if empty; one on this machine may be
    spoken to in plain http. `token_url`: the whole address. `certificate`: a PEM with key and certificate,
    in place of `app_password`. `federated_token_file`: where Azure puts a federated token.
    `insecure_local`: activities come unsigned; whoever sets it has made sure that only this machine can
    reach us. `zone`: of dates where the reader's own can't be had. Raises TeamsSettingsInvalid.
    """

    app_id: str = ""
    app_password: str = field(default="", repr=False)
    tenant_id: str = ""
    app_type: AppType = "SingleTenant"
    allowed_tenants: frozenset[str] = frozenset()
    service_hosts: frozenset[str] = frozenset()
    openid_url: str = PUBLIC_OPENID
    token_url: str = ""
    certificate: str = field(default="", repr=False)
    federated_token_file: str = ""
    insecure_local: bool = False
    zone: ZoneInfo = LONDON

    def __post_init__(self) -> None:
        tenants = self.allowed_tenants or frozenset({self.tenant_id} - {""})
        object.__setattr__(self, "allowed_tenants", frozenset(map(str.casefold, tenants)))
        hosts = self.service_hosts or self.cloud.hosts
        object.__setattr__(self, "service_hosts", frozenset(map(str.casefold, hosts)))
        self._check()

    def _check(self) -> None:
        if not self.app_id and not self.insecure_local:
            raise TeamsSettingsInvalid("Teams needs MICROSOFT_APP_ID, to tell who is calling.")
        if not self.allowed_tenants:
            raise TeamsSettingsInvalid("Teams needs MICROSOFT_APP_TENANT_ID or TEAMS_ALLOWED_TENANTS.")
        if self.app_id and not GUID.fullmatch(self.app_id):
            raise TeamsSettingsInvalid(
                f"MICROSOFT_APP_ID is the Application (client) ID, written like {LIKE}."
            )
        if not all(GUID.fullmatch(tenant) for tenant in self.allowed_tenants):
            raise TeamsSettingsInvalid(
                "MICROSOFT_APP_TENANT_ID and TEAMS_ALLOWED_TENANTS take tenants' ids, with commas between, "
                f"written like {LIKE}: not their names."
            )
        if any(not HOST.fullmatch(host) for host in self.service_hosts):
            raise TeamsSettingsInvalid("TEAMS_SERVICE_HOSTS takes hosts alone: no https:// and no path.")
        if not self.service_hosts:
            raise TeamsSettingsInvalid("Teams in this cloud needs TEAMS_SERVICE_HOSTS.")
        for name, url in (("TEAMS_OPENID_URL", self.openid_url), ("TEAMS_TOKEN_URL", self.token_url)):
            if url and not fetchable(url):
                raise TeamsSettingsInvalid(f"{name} has to begin with https://.")

    @property
    def cloud(self) -> Cloud:
        return CLOUDS.get(urlsplit(self.openid_url).hostname or "", PUBLIC)

    @property
    def bot_id(self) -> str:
        """What Teams calls this bot."""
        return f"28:{self.app_id}"

    @property
    def entra_token_url(self) -> str:
        """Where our own token comes from: the bot's own tenant, or the one that stands for all."""
        tenant = self.tenant_id if self.app_type == "SingleTenant" and self.tenant_id else self.cloud.home
        return self.token_url or f"{self.cloud.login}/{tenant}/oauth2/v2.0/token"

    def first_service_url(self) -> str:
        """Where to begin with a tenant that never wrote to us: the cloud's, or the only host on the list; ""
        where that isn't known.
        """
        url = self.cloud.service_url
        if url and self._host_allowed(url):
            return url
        if len(self.service_hosts) != 1:
            return ""
        [host] = self.service_hosts
        scheme = "http" if urlsplit(f"//{host}").hostname in LOOPBACK else "https"
        return f"{scheme}://{host}/teams/"

    def check_service_url(self, url: str) -> str:
        """The address as we keep it, ending with a slash. Raises NotAllowed."""
        if not self._host_allowed(url):
            raise NotAllowed("service_host")
        return url.rstrip("/") + "/"

    def check_tenant(self, tenant: str) -> str:
        """Raises NotAllowed."""
        if tenant.casefold() not in self.allowed_tenants:
            raise NotAllowed("tenant")
        return tenant

    def _host_allowed(self, url: str) -> bool:
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").casefold(), parts.port
        except ValueError:
            return False
        if not host or parts.username or parts.password or parts.query or parts.fragment or "\\" in url:
            return False
        named = f"[{host}]" if ":" in host else host
        exact = f"{named}:{port}" if port else named
        if parts.scheme == "https":
            return exact in self.service_hosts or (port == 443 and named in self.service_hosts)
        plain = parts.scheme == "http" and host in LOOPBACK
        return plain and bool({exact, named, host} & self.service_hosts)


def fetchable(url: str) -> bool:
    """Over https, or on this machine."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and (parts.hostname or "") in LOOPBACK)
