"""Keys and tokens as the Bot Framework has them, made here: any of them may be wrong on purpose."""

import json
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import RSAAlgorithm

Json = dict[str, Any]
ISSUER = "https://api.botframework.com"


@cache
def private_key(name: str) -> rsa.RSAPrivateKey:
    """One for each name; making them is slow."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem(name: str) -> bytes:
    return private_key(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def unsigned(claims: Json, header: Json) -> str:
    """A token with nothing, or nonsense, where the signature stands."""
    parts = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in (header, claims)]
    return ".".join([*parts, ""])


@dataclass
class BotFramework:
    """Who signs: the current key, those published with their endorsements, and for which bot."""

    app_id: str
    key: str = "first"
    published: dict[str, list[str]] = field(default_factory=lambda: {"first": ["msteams"]})

    def roll_over(self, name: str) -> None:
        """A new key takes the place of all others."""
        self.key, self.published = name, {name: ["msteams"]}

    def claims(self, service_url: str, **changed: Any) -> Json:
        """`changed`: a claim of another value, or None to leave it out."""
        now = int(time.time())
        made = {
            "iss": ISSUER,
            "aud": self.app_id,
            "nbf": now - 10,
            "exp": now + 3600,
            "serviceurl": service_url,
            **changed,
        }
        return {name: value for name, value in made.items() if value is not None}

    def token(self, service_url: str, **changed: Any) -> str:
        claims = self.claims(service_url, **changed)
        return jwt.encode(claims, private_key(self.key), algorithm="RS256", headers={"kid": self.key})

    def keys(self) -> Json:
        """What stands at jwks_uri."""
        listed = []
        for name, endorsements in self.published.items():
            public = RSAAlgorithm.to_jwk(private_key(name).public_key(), as_dict=True)
            listed.append({**public, "kid": name, "use": "sig", "endorsements": endorsements})
        return {"keys": listed}
