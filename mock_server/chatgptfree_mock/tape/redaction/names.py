"""
The names whose values are secret: fields, JSON keys, attributes, headers, cookies; in any spelling.

`accessToken`, `access-token`, `X-Access-Token`, `user[access_token]` and `auth.access_token` are one name.  Some names
decide alone (`password`: any value of it is secret); others need a value that looks like one as well (`token` is
a word in many APIs, `code` an error code, `state` a region).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Final

from chatgptfree_mock.tape.redaction.byte_search import DIGITS
from chatgptfree_mock.tape.redaction.findings import unescaped

RULES: Final = {
    "cookies": "every value in Cookie and Set-Cookie",
    "authorization": "Authorization headers, passwords in URLs",
    "challenge": "clearance of bot checks: cf_clearance, turnstile, captchas",
    "addresses": "IP addresses",
    "emails": "e-mail addresses",
    "phones": "phone numbers",
    "payment": "card numbers and IBANs",
    "keys": "API keys, bearer tokens, passwords, signatures of URLs, private keys",
    "nonces": "WordPress nonces and CSRF tokens",
    "sessions": "session, conversation, client and cache ids",
    "own": "what pyproject.toml names",
}
"""Every rule and what it replaces."""


@dataclass(frozen=True, slots=True)
class Name:
    """What a name reveals about its value."""

    rule: str
    sure: bool
    """The value is secret whatever it looks like; otherwise only if it also looks like a token."""


_NONCES: Final = frozenset(
    {"csrf", "xsrf", "csrftoken", "xsrftoken", "authenticitytoken", "requestverificationtoken", "antiforgery"}
    | {
        "csrfmiddlewaretoken",
        "viewstate",
        "javaxfacesviewstate",
        "eventvalidation",
        "viewstategenerator",
        "formbuildid",
    }
)
_NONCE_ENDS: Final = ("nonce", "csrf", "csrftoken", "xsrftoken", "antiforgerytoken")
_SESSIONS: Final = frozenset(
    {"sid", "sessid", "phpsessid", "jsessionid", "aspnetsessionid", "connectsid", "sessionid", "sessiontoken"}
    | {"cachekey", "threadid", "chatid", "visitorid", "guestid", "interactionid", "cfid", "cftoken", "laravelsession"}
    | {"openairesponseid", "previousopenairesponseid", "previousresponseid", "googleinteractionid", "ciession"}
)
_SESSION_ENDS: Final = (
    *("sessionid", "sessionuuid", "sessionkey", "sessiontoken", "sessid"),
    *("conversationid", "conversationuuid", "clientid", "interactionid"),
)
_ADDRESSES: Final = frozenset(
    {"ip", "userip", "clientip", "visitorip", "remoteaddr", "remoteip", "ipaddress", "ipaddr", "forwardedfor"}
    | {"realip", "cfconnectingip", "trueclientip", "clientipaddress"}
)
_CHALLENGE: Final = frozenset(
    {"cfbm", "cfuvid", "cfturnstileresponse", "grecaptcharesponse", "hcaptcharesponse", "acwtc", "acwscv2"}
)
_CHALLENGE_STARTS: Final = (
    *("cfclearance", "cfchl", "cfduid", "datadome", "awswaftoken", "incapses"),
    *("visidincap", "akbmsc", "captchatoken", "recaptchatoken", "turnstiletoken"),
)
_AUTHORIZATION: Final = frozenset({"authorization", "proxyauthorization", "auth", "authheader"})
_SECRETS: Final = frozenset(
    {"pass", "userpass", "pw", "passcode", "otp", "otpcode", "totp", "totpcode", "mfacode", "twofactorcode", "pincode"}
    | {
        "verificationcode",
        "securitycode",
        "confirmationcode",
        "recoverycode",
        "backupcode",
        "jwt",
        "bearer",
        "passwort",
    }
    | {"codeverifier", "devicecode", "usercode", "authcode", "authorizationcode", "oauthverifier", "seedphrase", "pin"}
    | {"samlresponse", "samlrequest", "wresult", "assertion", "clientassertion", "mnemonic", "secretphrase", "samlart"}
    | {"credential", "credentials", "secrets", "amzcredential", "amzsignature", "amzsecuritytoken", "googcredential"}
    | {
        "googsignature",
        "oauthsignature",
        "oauthtoken",
        "oauthtokensecret",
        "awsaccesskeyid",
        "keypairid",
        "accesskeyid",
    }
    | {"sharedaccesssignature", "connectionstring", "idtokenhint", "logouttoken", "subjecttoken", "actortoken"}
    | {"hubsignature", "hubsignature256", "stripesignature", "slacksignature", "twiliosignature", "shopifyhmacsha256"}
    | {"secretanswer", "securityanswer", "firebaseappcheck", "psk", "grantcode"}
    | {"magiclink", "motdepasse", "contrasena", "senha", "wachtwoord", "kennwort", "hdnts", "hdnea", "authkey"}
    | {"webhooksignature", "githubtoken", "pat", "ocpapimsubscriptionkey", "subscriptionkey", "functionskey", "ssn"}
)
_SECRET_ENDS: Final = (
    *("password", "passwd", "passphrase", "pwd", "secret", "clientsecret", "apikey", "apitoken", "appkey", "authkey"),
    *("accesskey", "secretkey", "privatekey", "signingkey", "encryptionkey", "masterkey", "accountkey", "sharedkey"),
    *("accesskeyid", "licensekey", "servicekey", "storagekey", "hmackey", "sshkey", "deploykey", "subscriptionkey"),
    *(
        "developerkey",
        "accesstoken",
        "refreshtoken",
        "idtoken",
        "authtoken",
        "bearertoken",
        "securitytoken",
        "resettoken",
        "devicetoken",
    ),
    *("activationkey", "serialkey", "recoverykey", "consumerkey", "ephemeralkey", "instrumentationkey", "tlskey"),
    *(
        "publishablekey",
        "presharedkey",
        "oidcdata",
        "sentrykey",
        "keydata",
        "jwtassertion",
        "secretproof",
        "totpseed",
        "otpseed",
    ),
    *("backupcodes", "recoverycodes", "passwordhash", "pwdhash", "passwordconfirmation", "passwordconfirm"),
    *("passwordrepeat", "passwordagain", "dbpass", "smtppass", "mysqlpass", "ftppass", "mailpass", "rootpass"),
    *("adminpass", "loginpass", "dbpw", "rootpw", "adminpw", "userpw"),
    *("verifytoken", "logintoken", "usertoken", "apikeys", "secretkeybase", "webhookurl", "webhooksecret"),
)
_PASSWORD_ENDS: Final = (
    *("password", "passwd", "passphrase", "pwd", "dbpass", "smtppass", "mysqlpass", "ftppass", "mailpass", "rootpass"),
    *("adminpass", "loginpass", "userpass", "dbpw", "rootpw", "adminpw", "userpw", "passwordconfirmation"),
    *("passwordconfirm", "passwordrepeat", "passwordagain", "secretanswer", "securityanswer"),
)
_CHOSEN_BY_PERSONS: Final = ("pass", "pw", "passwort", "motdepasse", "senha", "kennwort", "wachtwoord")
_ABOUT_PASSWORDS: Final = frozenset(
    {"enabled", "required", "min", "max", "length", "minlength", "maxlength", "label", "placeholder", "hint", "help"}
    | {"strength", "policy", "algorithm", "algo", "error", "errors", "message", "rule", "rules", "title", "class"}
)
"""Fields of a password that describe it, beside `_BENIGN`."""
_PAYMENT: Final = frozenset({"cardnumber", "creditcard", "creditcardnumber", "ccnumber", "iban", "cvv", "cvc", "cvv2"})
_PHONES: Final = frozenset({"phone", "phonenumber", "mobile", "mobilenumber", "telephone", "mobilephone", "cellphone"})
_LIKELY: Final = {
    **dict.fromkeys(("signature", "sig", "hmac", "ticket", "verify", "magic", "key", "invite"), "keys"),
    **dict.fromkeys(("tokens", "code", "state", "relaystate", "policy", "sessionstate"), "keys"),
    **dict.fromkeys(("salt", "pepper", "invitecode", "codechallenge", "encryptioniv", "execution", "lt"), "keys"),
    **dict.fromkeys(("session", "sess", "samesession", "deviceid", "installationid", "anonymousid"), "sessions"),
    **dict.fromkeys(("distinctid", "browserid", "devicefingerprint", "browserfingerprint"), "sessions"),
    **dict.fromkeys(("captcha", "captcharesponse", "recaptcharesponse"), "challenge"),
    "security": "nonces",
}
"""Names that are secret only where the value looks like a token."""
FOREIGN_PASSWORDS: Final = frozenset(
    {"contraseña", "clave de acceso", "mot de passe", "пароль", "парола", "гасло", "密码", "密碼", "口令", "パスワード"}
    | {"비밀번호", "암호", "hasło", "lösenord", "şifre", "parolă", "mật khẩu", "كلمة المرور", "كلمة السر", "סיסמה"}
    | {"κωδικός πρόσβασης", "รหัสผ่าน", "पासवर्ड", "jelszó", "heslo", "salasana", "adgangskode", "passord", "lozinka"}
    | {"palavra-passe", "palavra passe"}
)
"""Names of passwords in other languages, but for those that are in the tables above."""
FOREIGN_KEYS: Final = frozenset(
    {"clé api", "clé d'api", "api-schlüssel", "api schlüssel", "zugangsschlüssel", "clave api", "clave de api"}
    | {
        "chave da api",
        "chave api",
        "chave de api",
        "chiave api",
        "api-sleutel",
        "klucz api",
        "api-nyckel",
        "api anahtarı",
    }
    | {
        "токен",
        "ключ api",
        "api-ключ",
        "api 密钥",
        "api密钥",
        "密钥",
        "令牌",
        "api キー",
        "apiキー",
        "トークン",
        "api 키",
        "토큰",
    }
    | {"jeton d'accès", "zugriffstoken", "мандат", "مفتاح api", "מפתח api"}
)
"""Names of keys and tokens in other languages: their values look like tokens."""
HOLDERS: Final = frozenset(
    {"auth", "authentication", "credentials", "credential", "secrets", "oauth", "tokens", "apikeys", "cookies", "keys"}
)
"""Names of objects whose plain fields are secret as well."""
_PLURALS: Final = {
    **dict.fromkeys(("tokens", "passwords", "secrets", "apikeys", "accesskeys", "secretkeys", "privatekeys"), "keys"),
    **dict.fromkeys(("nonces", "csrftokens", "xsrftokens"), "nonces"),
    **dict.fromkeys(("sessionids", "sessiontokens", "conversationids"), "sessions"),
}
"""The endings of the names of further such objects, and of lists; longer ones come later."""
VENDORS: Final = frozenset(
    {"openai", "azureopenai", "anthropic", "chatgpt", "openrouter", "groq", "xai", "mistral", "mistralai", "cohere"}
    | {"deepseek", "gemini", "googleai", "huggingface", "replicate", "perplexity", "nvidia", "cerebras", "tavily"}
    | {"firecrawl", "jina", "voyageai", "pinecone", "langsmith", "langfuse", "elevenlabs", "deepgram", "assemblyai"}
    | {"serper", "serpapi", "stabilityai", "togetherai", "fireworksai", "aws", "azure", "gcp", "googlemaps", "gmaps"}
    | {"googlecloud", "youtube", "github", "gitlab", "bitbucket", "slack", "discord", "telegram", "twilio", "sendgrid"}
    | {"mailgun", "mailchimp", "brevo", "resend", "postmark", "stripe", "paypal", "braintree", "razorpay", "plaid"}
    | {"shopify", "woocommerce", "facebook", "instagram", "hubspot", "asana", "trello", "jira", "atlassian", "airtable"}
    | {"algolia", "cloudinary", "cloudflare", "digitalocean", "heroku", "netlify", "vercel", "supabase", "firebase"}
    | {"planetscale", "tailscale", "sentry", "posthog", "mixpanel", "datadog", "newrelic", "grafana", "dynatrace"}
    | {"pusher", "mapbox", "databricks", "snowflake", "auth0", "okta", "recaptcha", "hcaptcha", "turnstile", "wandb"}
)
"""A `key` of one of these opens an account; words that mean something else as well are left out."""
_OF_KEYS: Final = VENDORS | {"api"}
"""Names of objects whose `key` is secret."""
_INNER: Final = frozenset(
    {"key", "value", "token", "secret", "raw", "plain", "hash", "code", "access", "refresh", "sig", "signature"}
    | {"string", "id", "stringvalue", "s"}
)
"""Fields that hold the secret which the name of their object announces."""
_BENIGN: Final = frozenset(
    {
        "type",
        "name",
        "scope",
        "expires",
        "expiresin",
        "tokentype",
        "kind",
        "provider",
        "method",
        "path",
        "domain",
        "url",
    }
)
"""Fields that describe it."""
_PUBLIC_TOKENS: Final = (
    *("pagetoken", "continuationtoken", "maxtoken", "stoptoken", "eostoken", "bostoken", "padtoken", "unktoken"),
    *("masktoken", "septoken", "clstoken", "designtoken", "tokentype", "nexttoken", "synctoken"),
)
_IN_QUERIES: Final = frozenset(
    {"code", "state", "key", "sig", "policy", "relaystate", "sessionstate", "verify", "execution", "lt"}
)
"""Names that mean something else outside of URLs and forms."""
_ENDINGS: Final = tuple(
    {
        name[-4:]
        for names in (_NONCES, _NONCE_ENDS, _SESSIONS, _SESSION_ENDS, _ADDRESSES, _CHALLENGE, _AUTHORIZATION, _SECRETS)
        for name in names
    }
    | {name[-4:] for names in (_SECRET_ENDS, _PAYMENT, _PHONES, _LIKELY) for name in names}
    | {name[-4:].strip() for name in FOREIGN_PASSWORDS | FOREIGN_KEYS if name[-4:].isascii()}
    | {name[-4:] for name in ("token", "cookie", "cookies", "signature", "hmac", "ticket", "sid")}
)
"""The endings of all names above, but of those that are prefixes."""
_HOLDER_ENDINGS: Final = tuple({name[-3:] for name in (*HOLDERS, *_OF_KEYS, *_PLURALS)})
"""The endings of the names of all such objects: with the quote after it, four characters are seen."""
_SHOWN: Final = 4
"""The number of characters of a name that are checked first."""
_BEGUN_ENDINGS: Final = frozenset(name[at:] for name in _ENDINGS for at in range(1, len(name)))
_CLOSING: Final = " \t\r\n:\"'`\\"
"""Characters between a name and its separator."""
_NAME_TAIL: Final = re.compile(r"[\w.$-]+\Z", re.ASCII)
SIGNS: Final = (*(b"chl", b"clearance", b"duid", b"datadome", b"waf", b"incap", b"bmsc", b"captcha", b"turnstile"),)
"""Each of `_CHALLENGE_STARTS` holds one of these, whatever separates its words."""
ending_of: Final = itemgetter(slice(-_SHOWN, None))
"""What `may_end_name` looks at: the last four characters before a separator."""
_OPEN_NAME: Final = re.compile(r"[\w.$\[\]-]{0,160}+(?P<closing>[ \t\r\n\"'`\\]{0,8}+)", re.ASCII)
_PUNCTUATION: Final = re.compile(r"[^A-Za-z0-9]")
_NO_LETTERS: Final = re.compile(r"[^a-z0-9]+")
_LEADING_X: Final = re.compile(r"\A(?:[xX](?=[_-])|x(?=[A-Z]))")
_BLANKED: Final = re.compile(r"\[([^\[\]]*)\]")


@lru_cache(16384)
def squeezed(name: str) -> str:
    """Return *name* without case and punctuation; a leading `data-` or `x-`, and what holds it (`user[…]`), go."""
    if "[" in name and (inner := _BLANKED.findall(name)) and inner[-1]:
        name = inner[-1]
    if name[:1] in ("x", "X"):
        name = _LEADING_X.sub("", name)
    key = name.lower()
    return (key if key.isalnum() and key.isascii() else _NO_LETTERS.sub("", key)).removeprefix("data")


def open_endings(text: str, signs: Mapping[bytes, list[int]]) -> frozenset[str]:
    """
    Return how the names in *text* end that may count by their beginning, which `may_end_name` cannot see.

    *signs*: where those of `SIGNS` that are in the text are, in any case.

    Each ending has the last four characters before what may be a separator: with and without quotes and blanks.
    """
    endings: set[str] = set()
    reached = 0
    for at in sorted(chain.from_iterable(signs.get(sign, ()) for sign in SIGNS)):
        if at >= reached and (name := _OPEN_NAME.match(text, at)):
            reached = name.end()
            endings.update(text[max(0, end - _SHOWN) : end] for end in range(name.start("closing"), reached + 1))
    return frozenset(endings)


@lru_cache(16384)
def may_end_name(ending: str) -> bool:
    """
    Return whether a name that counts may be before a separator: a cheap first look that lets too many through.

    *ending*: the last four characters before `=`, `:` or a comma; fewer at the beginning of a text.
    """
    shown = ending.rstrip(_CLOSING)
    if not shown or "[" in shown or "]" in shown or not shown.isascii():
        return True
    name = _NAME_TAIL.search(shown)
    if name is None:
        return False
    if name.start() or len(ending) < _SHOWN:
        return classify(name[0]) is not None
    letters = squeezed(f"_{name[0]}").rstrip(DIGITS)
    return not letters or letters in _BEGUN_ENDINGS or letters.endswith(_ENDINGS)


@lru_cache(16384)
def may_end_holder(ending: str) -> bool:
    """Return whether *ending*, as for `may_end_name`, may end the name of an object whose fields are secret."""
    return squeezed(_PUNCTUATION.sub("_", ending)).endswith(_HOLDER_ENDINGS)


@lru_cache(16384)
def classify(name: str) -> Name | None:
    """Return what *name* reveals about its value, or None if that is nothing."""
    if _in_words(name) in FOREIGN_PASSWORDS:
        return Name("keys", True)
    if _in_words(name) in FOREIGN_KEYS:
        return Name("keys", False)
    if "[" in name and _is_held_password(name):
        return Name("keys", True)
    key = squeezed(name)
    if not 1 < len(key) < 80:
        return None
    if rule := _sure(key) or _sure(key.rstrip("0123456789")):  # `password2` is a password
        return Name(rule, True)
    if key.endswith("token") and not key.endswith(_PUBLIC_TOKENS):
        return Name("keys", key not in ("token", "nexttoken"))
    if key.endswith("key") and key[:-3] in VENDORS:
        return Name("keys", True)
    if rule := _LIKELY.get(key):
        return Name(rule, False)
    last = _last_word(name)
    if last == "pass":
        return Name("keys", False)
    if last in ("signature", "hmac", "ticket") or (last == "sid" and "_" in name):
        return Name("keys" if last != "sid" else "sessions", False)
    holder, bracket, _ = name.partition("[")
    rule = _plural(squeezed(holder)) if bracket else None
    return Name(rule, False) if rule else None


def _in_words(name: str) -> str:
    """Return *name*, whatever separates its words, as a word of a language."""
    return unescaped(name).lower().strip(" :*").replace("_", " ")


def _plural(key: str) -> str | None:
    if key.removesuffix("s").endswith(_PUBLIC_TOKENS):
        return None
    found = [rule for ending, rule in _PLURALS.items() if key.endswith(ending)]
    return found[-1] if found else None


@lru_cache(16384)
def classify_holder(name: str) -> Name | None:
    """Return what *name* reveals about the plain fields of its object, or of its list of objects; None for nothing."""
    key = squeezed(name)
    if key in HOLDERS or key in _OF_KEYS:
        return Name("keys", False)
    rule = _plural(key)
    return Name(rule, False) if rule else None


def classify_field(holder: str, found: Name, field: str) -> Name | None:
    """
    Return what a plain *field* of an object reveals about its value, or None if that is nothing.

    *holder*: the name of the object, which *found* describes, such as `auth` in `{"auth": {"key": "…"}}`.
    """
    key, field = squeezed(holder), squeezed(field)
    if key in _OF_KEYS:
        return Name("keys", True) if field in ("key", "token", "secret") else None
    if classify_holder(holder) is None:
        return Name(found.rule, found.sure or field in ("key", "secret")) if field in _INNER else None
    if field in _INNER or (found.rule not in ("authorization", "addresses") and field not in _BENIGN):
        return Name(found.rule, field in ("key", "secret"))
    return None


def _sure(key: str) -> str | None:
    if key.endswith(_NONCE_ENDS) or key in _NONCES:
        return "nonces"
    if key in _CHALLENGE or key.startswith(_CHALLENGE_STARTS):
        return "challenge"
    if key in _SESSIONS or key.endswith(_SESSION_ENDS):
        return "sessions"
    if key in _ADDRESSES:
        return "addresses"
    if key in _AUTHORIZATION:
        return "authorization"
    if key in _SECRETS or key.endswith(_SECRET_ENDS):
        return "keys"
    if key in ("cookie", "cookies", "setcookie"):
        return "cookies"
    if key in _PAYMENT:
        return "payment"
    return "phones" if key in _PHONES else None


def _last_word(name: str) -> str:
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", name)
    return words[-1].lower() if words else ""


def needs_query(name: str) -> bool:
    """Return whether *name* counts in URLs and forms only: `code`, `state`, `key`, `sig` are ordinary words in JSON."""
    return squeezed(name) in _IN_QUERIES


def is_word_for_password(value: str) -> bool:
    """Return whether *value* is what a language calls a password, as in lists of translations."""
    return _in_words(value) in FOREIGN_PASSWORDS or squeezed(value) in _CHOSEN_BY_PERSONS


def is_password(name: str) -> bool:
    """Return whether a person chose the value: it may be an ordinary word."""
    if _in_words(name) in FOREIGN_PASSWORDS:
        return True
    return _is_password_key(squeezed(name)) or ("[" in name and _is_held_password(name))


def _is_password_key(key: str) -> bool:
    key = key.rstrip("0123456789")
    return key in _CHOSEN_BY_PERSONS or key.endswith(_PASSWORD_ENDS)


def _is_held_password(name: str) -> bool:
    """Return whether *name* is a field of one or more passwords: `passwords[main]`, `user[password][first]`."""
    *holders, last = (squeezed(part.rstrip("]")) for part in name.split("["))
    if last in _BENIGN or last in _ABOUT_PASSWORDS:
        return False
    return any(_is_password_key(key) or _is_password_key(key.removesuffix("s")) for key in holders)
