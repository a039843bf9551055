"""Secrets of all kinds, made up, in the texts that carry them: each has to go."""

import base64
import json
import random
import string
from urllib.parse import quote, quote_plus

RANDOM = random.Random(11)
HTML, JSON, TEXT, JS, FORM = (
    "text/html",
    "application/json",
    "text/plain",
    "text/javascript",
    "application/x-www-form-urlencoded",
)
EVENTS = "text/event-stream"
ALPHANUMERIC, HEX, CAPITALS = (
    string.ascii_letters + string.digits,
    "0123456789abcdef",
    string.ascii_uppercase + string.digits,
)


def made(length: int, alphabet: str = ALPHANUMERIC) -> str:
    """Return random characters of which some are digits."""
    return "7" + "".join(RANDOM.choice(alphabet) for _ in range(length - 2)) + "3"


def uuid() -> str:
    return "-".join(made(length, HEX) for length in (8, 4, 4, 4, 12))


def jwt() -> str:
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    body = base64.urlsafe_b64encode(b'{"sub":"1234567890","name":"Jane"}').decode().rstrip("=")
    return f"{head}.{body}.{made(43)}"


VENDORS = {
    "openai": "sk-" + made(48),
    "openai project": "sk-proj-" + made(80),
    "openai service": "sk-svcacct-" + made(60),
    "anthropic": "sk-ant-api03-" + made(90),
    "openrouter": "sk-or-v1-" + made(64, HEX),
    "groq": "gsk_" + made(52),
    "xai": "xai-" + made(80),
    "replicate": "r8_" + made(37),
    "perplexity": "pplx-" + made(48),
    "nvidia": "nvapi-" + made(64),
    "hugging face": "hf_" + made(34),
    "google api": "AIza" + made(35),
    "google access": "ya29." + made(60),
    "google client secret": "GOCSPX-" + made(28),
    "google refresh": "1//0" + made(40),
    "github personal": "ghp_" + made(36),
    "github oauth": "gho_" + made(36),
    "github app": "ghs_" + made(36),
    "github fine": "github_pat_" + made(22) + "_" + made(59),
    "gitlab": "glpat-" + made(20),
    "gitlab runner": "glrt-" + made(20),
    "gitlab deploy": "gldt-" + made(20),
    "slack bot": f"xoxb-{made(12, '0123456789')}-{made(13, '0123456789')}-{made(24)}",
    "slack user": f"xoxp-{made(12, '0123456789')}-{made(12, '0123456789')}-{made(32, HEX)}",
    "slack app": f"xapp-1-A{made(10, CAPITALS)}-{made(13, '0123456789')}-{made(64, HEX)}",
    "aws key": "AKIA" + made(16, CAPITALS),
    "aws session key": "ASIA" + made(16, CAPITALS),
    "stripe live": "sk_live_" + made(24),
    "stripe test": "sk_test_" + made(24),
    "stripe restricted": "rk_live_" + made(24),
    "stripe webhook": "whsec_" + made(32),
    "twilio": "SK" + made(32, HEX),
    "sendgrid": f"SG.{made(22)}.{made(43)}",
    "mailgun": "key-" + made(32, HEX),
    "brevo": f"xkeysib-{made(64, HEX)}-{made(16)}",
    "resend": f"re_{made(8)}_{made(24)}",
    "npm": "npm_" + made(36),
    "pypi": "pypi-AgEIcHlwaS5vcmc" + made(70),
    "rubygems": "rubygems_" + made(48, HEX),
    "docker": "dckr_pat_" + made(27),
    "digitalocean": "dop_v1_" + made(64, HEX),
    "vault": "hvs." + made(90),
    "pulumi": "pul-" + made(40, HEX),
    "doppler": "dp.pt." + made(43),
    "databricks": "dapi" + made(32, HEX),
    "linear": "lin_api_" + made(40),
    "notion": "ntn_" + made(46),
    "airtable": f"pat{made(14)}.{made(64, HEX)}",
    "hubspot": f"pat-na1-{uuid()}",
    "figma": "figd_" + made(40),
    "postman": f"PMAK-{made(24, HEX)}-{made(34, HEX)}",
    "new relic": "NRAK-" + made(27, CAPITALS),
    "grafana": f"glsa_{made(32)}_{made(8, HEX)}",
    "sentry": "sntryu_" + made(64, HEX),
    "posthog": "phx_" + made(43),
    "shopify": "shpat_" + made(32, HEX),
    "square": "sq0atp-" + made(22),
    "facebook": "EAA" + made(120),
    "telegram": f"{made(9, '0123456789')}:AA{made(33)}",
    "discord webhook": f"https://discord.com/api/webhooks/{made(18, '0123456789')}/{made(68)}",
    "slack webhook": f"https://hooks.slack.com/services/T{made(8, CAPITALS)}/B{made(8, CAPITALS)}/{made(24)}",
    "netlify": "nfp_" + made(36),
    "supabase": "sbp_" + made(40, HEX),
    "planetscale": "pscale_tkn_" + made(43),
    "tailscale": f"tskey-auth-{made(12)}-{made(32)}",
    "circleci": f"CCIPAT_{made(22)}_{made(40, HEX)}",
    "sonar": "squ_" + made(40, HEX),
    "age": "AGE-SECRET-KEY-1" + made(58, CAPITALS),
    "atlassian": "ATATT3xFfGF0" + made(180),
    "mapbox": f"sk.eyJ{made(60)}.{made(22)}",
    "jwt": jwt(),
    "cas ticket": f"ST-12345-{made(24)}-cas",
    "langsmith": f"lsv2_pt_{made(32, HEX)}_{made(10, HEX)}",
    "pinecone": f"pcsk_{made(60)}",
    "mailchimp": made(32, HEX) + "-us12",
    "terraform cloud": f"{made(14)}.atlasv1.{made(67)}",
    "azure storage": f"{made(76)}+ASt{made(6)}==",
    "azure devops": f"{made(76)}AZDO{made(4)}",
    "discord bot": f"MTE4{made(20)}.{made(6)}.{made(38)}",
    "vercel": "vcp_" + made(56),
    "braintree": f"access_token$production${made(16, HEX)}${made(32, HEX)}",
    "cloudflare origin": f"v1.0-{made(24, HEX)}-{made(146, HEX)}",
    "bcrypt": f"$2b$12${made(53)}",
    "argon2": f"$argon2id$v=19$m=65536,t=3,p=4${made(22)}${made(43)}",
    "crypt sha-512": f"$6$rounds=5000${made(16)}${made(86)}",
    "phpass": f"$P$B{made(30)}",
    "tavily": f"tvly-{made(32)}",
}
"""What shows by its looks: vendor and key."""

PEOPLE = {
    "e-mail": "jane.doe@example.com",
    "e-mail, long domain": "j.doe+tag@mail.dept.example.co.uk",
    "e-mail, umlaut": "jörg.müller@bücher.example",
    "e-mail, Cyrillic": "иван@пример.рф",
    "e-mail, Chinese": "用户@例子.广告",
    "e-mail, punycode": "a@xn--bcher-kva.example",
    "phone": "+49 171 1234567",
    "phone, joined": "+4917112345678",
    "phone, dashes": "+1-202-555-0143",
    "phone, dots": "+33.1.23.45.67.89",
    "phone, American": "(202) 555-0143",
    "phone, British": "020 7946 0958",
    "phone, of nine digits": "01 234 5678",
    "phone, French": "01 42 68 53 00",
    "phone, German": "030/901820",
    "phone, German mobile": "0151 23456789",
    "phone, Swiss": "044 668 18 00",
    "phone, Japanese": "03-1234-5678",
    "phone, Australian": "0412 345 678",
    "phone, Brazilian": "(11) 91234-5678",
    "phone, American with dots": "415.555.2671",
    "phone, double zero": "0043 1 5811640",
    "IBAN": "DE89370400440532013000",
    "IBAN with blanks": "GB29 NWBK 6016 1331 9268 19",
    "card": "4111111111111111",
    "card with blanks": "5555 5555 5555 4444",
    "card with dashes": "4012-8888-8888-1881",
    "American Express": "3782 822463 10005",
    "IPv4": "203.0.113.9",
    "private IPv4": "192.168.178.21",
    "IPv6": "2001:db8::ff00:42:8329",
}
"""What shows by its looks: personal data."""

NAMED = {
    "access_token": made(24, string.ascii_letters),
    "accessToken": "onlyLowerAndUpper",
    "refresh-token": "abcdefghijklmnop",
    "id_token": made(30),
    "X-Api-Key": "plainlowercasekey",
    "api_key": "abcdefabcdef",
    "apiKey": made(20),
    "client_secret": "swordfishswordfish",
    "clientSecret": made(12, string.ascii_letters),
    "password": "hunter2",
    "Password": "correct horse battery",
    "user_pass": "Sommer!",
    "passphrase": "zwölf Boxkämpfer",
    "pwd": "abc",
    "new_password": "p@ss w0rd/&=",
    "private_key": made(40),
    "secret": "topsecretvalue",
    "secretAccessKey": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "aws_secret_access_key": made(40),
    "session_id": "abcdefghijkl",
    "sessionid": made(26),
    "PHPSESSID": "q1w2e3r4t5y6u7i8",
    "JSESSIONID": made(32, CAPITALS),
    "csrf_token": "letmethrough",
    "X-CSRF-Token": made(32),
    "csrfmiddlewaretoken": made(64),
    "authenticity_token": made(44) + "==",
    "__RequestVerificationToken": made(92),
    "__VIEWSTATE": "/wEPDwUKLTE2" + made(40),
    "javax.faces.ViewState": "-123456789012345:-98765432109876",
    "_wpnonce": "fc6c7cf580",
    "code_verifier": made(64),
    "device_code": made(40),
    "SAMLResponse": base64.b64encode(b"<saml:Response>secret</saml:Response>").decode(),
    "client_assertion": made(50),
    "otp": "493817",
    "verification_code": "493817",
    "cvv": "737",
    "auth_token": made(16, string.ascii_lowercase),
    "bearer_token": made(24),
    "oauth_token_secret": made(32),
    "encryption_key": made(32),
    "webhook_secret": made(32),
    "connectionString": "Server=db;Password=Tr0ub4dor;",
    "Ocp-Apim-Subscription-Key": made(32, HEX),
    "x-functions-key": made(40),
    "conversation_uuid": uuid(),
    "cf_clearance": "Rk9.PqA_xyz-1732320000-1.2.1.1-abc",
    "dbPass": "sommer",
    "password_confirmation": "hunter2",
    "pass1": "hunter2",
    "invite_code": made(20),
    "recaptcha_response": made(60),
    "password_hash": made(24, string.ascii_letters),
    "client-key-data": made(40),
    "pushToken": made(32),
    "installation_id": made(24),
    "securityAnswer": "Rex the dog",
    "reset_token": "abcdefghijklmnopqrst",
    "mnemonic": "legal winner thank year wave sausage worth useful legal winner thank yellow",
}
"""What its name gives away: name and value."""


def in_json(name: str, value: str) -> tuple[str, str]:
    return JSON, json.dumps({"a": "é\n", name: value, "z": [1]}, ensure_ascii=False)


def in_spaced_json(name: str, value: str) -> tuple[str, str]:
    return JSON, json.dumps({"a": {"b": [{name: value}]}}, indent=2)


def in_json_list(name: str, value: str) -> tuple[str, str]:
    return JSON, json.dumps({name: [value, value]})


def in_json_in_json(name: str, value: str) -> tuple[str, str]:
    return JSON, json.dumps({"data": json.dumps({name: value})})


def in_pair(name: str, value: str) -> tuple[str, str]:
    return JSON, json.dumps({"fields": [{"name": name, "value": value}]})


def in_form(name: str, value: str) -> tuple[str, str]:
    return FORM, f"a=1&{quote(name)}={quote_plus(value)}&b=2"


def in_nested_form(name: str, value: str) -> tuple[str, str]:
    return FORM, f"user%5B{quote(name)}%5D={quote(value, safe='')}&b=2"


def in_event(name: str, value: str) -> tuple[str, str]:
    return EVENTS, 'data: {"x":"y"}\n\ndata: ' + json.dumps({name: value}) + "\n\ndata: [DONE]\n\n"


def in_input(name: str, value: str) -> tuple[str, str]:
    return HTML, f'<form><input type="hidden" name="{name}" value="{escaped(value)}"></form>'


def in_config(name: str, value: str) -> tuple[str, str]:
    return HTML, f"<div data-config='{escaped(json.dumps({name: value}))}'></div>"


def in_script(name: str, value: str) -> tuple[str, str]:
    return HTML, f"<script>var c={json.dumps({'a': 1, name: value})};</script>"


def in_multipart(name: str, value: str) -> tuple[str, str]:
    return (
        "multipart/form-data; boundary=xyz",
        f'--xyz\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n--xyz--\r\n',
    )


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("'", "&#039;").replace("<", "&lt;")


NAMED_CARRIERS = [
    *(in_json, in_spaced_json, in_json_list, in_json_in_json, in_pair, in_form, in_nested_form),
    *(in_event, in_input, in_config, in_script, in_multipart),
]


def shown_in_prose(value: str) -> tuple[str, str]:
    return TEXT, f"Hello, this is mine: {value} and that is all."


def shown_in_json(value: str) -> tuple[str, str]:
    return JSON, json.dumps({"text": f"see {value}, ok", "n": 1}, ensure_ascii=False)


def shown_in_ascii_json(value: str) -> tuple[str, str]:
    return JSON, json.dumps({"text": f"line\n{value}\n"}).replace("/", "\\/").replace("@", "\\u0040")


def shown_in_html(value: str) -> tuple[str, str]:
    return HTML, f"<p>Mine is <b>{escaped(value)}</b>.</p>"


def shown_in_entities(value: str) -> tuple[str, str]:
    return HTML, f"<p>Mine: {escaped(value).replace('@', '&#64;')}.</p><i title='{escaped(value)}'>x</i>"


def shown_in_form(value: str) -> tuple[str, str]:
    return FORM, f"message={quote_plus(f'use {value} please')}&n=1"


def shown_in_event(value: str) -> tuple[str, str]:
    return EVENTS, "data: " + json.dumps({"choices": [{"delta": {"content": f"It is {value}."}}]}) + "\n\n"


def shown_in_deltas(value: str) -> tuple[str, str]:
    text = f"It is {value} indeed"
    pieces = [text[at : at + 5] for at in range(0, len(text), 5)]
    return EVENTS, "".join(
        "data: " + json.dumps({"id": "c-1", "choices": [{"delta": {"content": piece}}]}) + "\n\n" for piece in pieces
    )


def shown_in_script(value: str) -> tuple[str, str]:
    return HTML, f"<script>var a={json.dumps(value)};</script>"


SHOWN_CARRIERS = [
    *(shown_in_prose, shown_in_json, shown_in_ascii_json, shown_in_html, shown_in_entities, shown_in_form),
    *(shown_in_event, shown_in_deltas, shown_in_script),
]


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


PEM_BODY = "\n".join(made(64) for _ in range(4))
SPECIAL: list[tuple[str, str, list[str]]] = [
    (TEXT, f"-----BEGIN {kind}PRIVATE KEY-----\n{PEM_BODY}\n-----END {kind}PRIVATE KEY-----\n", PEM_BODY.split("\n"))
    for kind in ("", "RSA ", "EC ", "DSA ", "ENCRYPTED ", "OPENSSH ")
] + [
    (
        JSON,
        json.dumps({"k": f"-----BEGIN PRIVATE KEY-----\n{PEM_BODY}\n-----END PRIVATE KEY-----\n"}),
        PEM_BODY.split("\n"),
    ),
    (
        TEXT,
        f"-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{PEM_BODY}\n-----END PGP PRIVATE KEY BLOCK-----",
        PEM_BODY.split("\n"),
    ),
    (TEXT, f"-----BEGIN RSA PRIVATE KEY-----\n{PEM_BODY}", PEM_BODY.split("\n")),
    (
        TEXT,
        f"PuTTY-User-Key-File-3: ssh-rsa\nPrivate-Lines: 4\n{PEM_BODY}\nPrivate-MAC: {'0f' * 20}\n",
        PEM_BODY.split("\n"),
    ),
    (JSON, json.dumps({"auth": {"key": "averyplainkey"}}), ["averyplainkey"]),
    (JSON, json.dumps({"credentials": {"id": "user77secret", "key": "k77secretkey"}}), ["k77secretkey"]),
    (JSON, json.dumps({"tokens": ["tok7aaaaaaaa1", "tok7bbbbbbbb2"]}), ["tok7aaaaaaaa1", "tok7bbbbbbbb2"]),
    (JSON, json.dumps({"token": {"value": "tok7cccccccc3", "type": "x"}}), ["tok7cccccccc3"]),
    (JSON, json.dumps({"cookies": {"sid": "c00kie7value", "theme": "d4rkvalue7"}}), ["c00kie7value"]),
    (
        JSON,
        json.dumps({"headers": {"Authorization": "Bearer opaquevalue", "X-Auth-Token": "opaquetoken"}}),
        ["opaquevalue", "opaquetoken"],
    ),
    (JSON, json.dumps({"grant_type": "authorization_code", "code": "Splx1OBeZQQYbYS6"}), ["Splx1OBeZQQYbYS6"]),
    (JSON, '{"password": 12345678, "pin": 4938}', ["12345678", "4938"]),
    (JSON, '{"access_token" : "swordfishes", "n": "\\u0061"}', ["swordfishes"]),
    (JSON, '{"access_token": "cut off in the mid', []),
    (JSON, '{"api_key": "cut0ffinthemid', ["cut0ffinthemid"]),
    (FORM, "grant_type=authorization_code&code=abcdefgh&redirect_uri=https%3A%2F%2Fa.example%2Fcb", ["code=abcdefgh"]),
    (FORM, "code=SplxlOBeZQQYbYS6WxSbIA&state=af0ifjsldkj", ["SplxlOBeZQQYbYS6WxSbIA", "af0ifjsldkj"]),
    (
        TEXT,
        "https://a.blob.core.windows.net/c/f?sv=2022-11-02&se=2026-01-01&sr=b&sp=r&sig=abC%2Fdef7ghi%3D",
        ["abC%2Fdef7ghi"],
    ),
    (
        TEXT,
        "https://b.s3.amazonaws.com/f?X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20260101&X-Amz-Signature=" + "ab12" * 16,
        ["AKIAIOSFODNN7EXAMPLE", "ab12" * 16],
    ),
    (
        TEXT,
        "https://storage.googleapis.com/b/f?X-Goog-Algorithm=G&X-Goog-Credential=x7%40y&X-Goog-Signature="
        + "cd34" * 32,
        ["cd34" * 32],
    ),
    (HTML, '<a href="https://a.example/reset-password/7f3Kq9Zx2LmN8pRtVw5Y">reset</a>', ["7f3Kq9Zx2LmN8pRtVw5Y"]),
    (HTML, '<a href="https://a.example/verify/email?token=justletters&amp;x=1">verify</a>', ["justletters"]),
    (TEXT, "Log in at https://jane:s3same@a.example/x", ["s3same", "jane:"]),
    (TEXT, "redis://:hunter22@cache.example:6379/0", ["hunter22"]),
    (TEXT, "DB_PASSWORD=swordfish\nAPI_KEY=abc123def456\n", ["swordfish", "abc123def456"]),
    (TEXT, "password: swordfish\napi_key: abc123def456\n", ["swordfish", "abc123def456"]),
    (TEXT, "curl -u admin -H 'Authorization: Bearer opaque7token' https://a.example", ["opaque7token"]),
    (TEXT, "Cookie: sid=abcdef123456; theme=darkness1", ["abcdef123456", "darkness1"]),
    (
        JS,
        'axios.create({headers:{"X-Api-Key":"k3yk3yk3yk3y"}});const password="Sommer2026!";',
        ["k3yk3yk3yk3y", "Sommer2026!"],
    ),
    (
        JS,
        'var o={clientSecret:"kqw-PwXzTnRbGhJ",apiKey:"session-qLmZtRvKpXwYnBdHs",credentials:"svc-mqzkfhtw",pw:"user-token"};',
        ["kqw-PwXzTnRbGhJ", "session-qLmZtRvKpXwYnBdHs", "svc-mqzkfhtw", "user-token"],
    ),
    (JS, 'var p={mobile:"(415) 867-5309",card_number:"4111111111111111"};', ["(415) 867-5309", "4111111111111111"]),
    (
        JS,
        "localStorage.setItem('access_token','stored7token9');document.cookie='sid=c00kie99value; path=/'",
        ["stored7token9", "c00kie99value"],
    ),
    (
        HTML,
        '<script>var d=\'{"token":"t0ken7inside8"}\';var e="{\\"nonce\\":\\"fc6c7cf581\\"}";</script>',
        ["t0ken7inside8", "fc6c7cf581"],
    ),
    (
        HTML,
        '<meta name="csrf-token" content="plainlettersonly"><meta content="q7w8e9r0t1" name="csrf-token">',
        ["plainlettersonly", "q7w8e9r0t1"],
    ),
    (TEXT, "Your password is: ru8KX7GtQnlv, keep it.", ["ru8KX7GtQnlv"]),
    (
        TEXT,
        "**API key:** `iSQNiTNj3rVNU8hGzWxq` | **Password:** WgB9sIhSVIdW",
        ["iSQNiTNj3rVNU8hGzWxq", "WgB9sIhSVIdW"],
    ),
    (TEXT, "Your verification code is 492817.", ["492817"]),
    (TEXT, "| password | bFDqe1y4xL5fxV |\naccess_token\t5wB3azhpPUpoc9rw", ["bFDqe1y4xL5fxV", "5wB3azhpPUpoc9rw"]),
    (
        TEXT,
        "curl -u bob:ILwJRJUQc5EL https://a.example\nmysql -uroot -pQ9tMjhHcIS6i x",
        ["ILwJRJUQc5EL", "Q9tMjhHcIS6i"],
    ),
    (TEXT, "sshpass -p IV7nCc36EIro ssh h\ntool --token sWAdfj9MbSay4ezC", ["IV7nCc36EIro", "sWAdfj9MbSay4ezC"]),
    (TEXT, "ENV API_KEY 267wSHXOsu5W\nCREATE USER x IDENTIFIED BY 'fKJc0iDn7ZUi';", ["267wSHXOsu5W", "fKJc0iDn7ZUi"]),
    (
        TEXT,
        "requests.get(u, auth=('bob', 'rTESXIMkQUeD7'))\ndefine('DB_PASSWORD', 'sommer');",
        ["rTESXIMkQUeD7", "sommer"],
    ),
    (TEXT, 'variable "db_password" {\n  default = "Y7Izl76TQVk4"\n}', ["Y7Izl76TQVk4"]),
    (TEXT, "machine api.example login bob password Ecz9ZbN0GMme", ["Ecz9ZbN0GMme"]),
    (
        TEXT,
        "https://a.example/accounts/reset/MQ/abc123-BZNuu5LVCfcKfIp4/ and /n/webhook/i0i6HRTmofRb2xap",
        ["BZNuu5", "i0i6HR"],
    ),
    (JSON, json.dumps({"api_keys": [{"id": 1, "key": "firstk3y77aa"}, {"id": 2, "key": "secondk3y88"}]}), ["k3y"]),
    (JSON, json.dumps([["X-Api-Key", "l1sted7header"], ["Accept", "*/*"]]), ["l1sted7header"]),
    (JSON, json.dumps({"set-cookie": "42qZkABIp94GnkSJdmG5"}), ["42qZkABIp94GnkSJdmG5"]),
    (TEXT, "login --api-key=sCp3lxysQa0JBaBB --verbose", ["sCp3lxysQa0JBaBB"]),
    (TEXT, "$password = 'ucqCFkeF6ubP';\n$user = 'bob';", ["ucqCFkeF6ubP"]),
    (HTML, '<input type="password" id="field-3" value="hqBDnlTf">', ["hqBDnlTf"]),
    (HTML, "<p>x</p><!-- api_key: h4vNDDs6rJewPY3 -->", ["h4vNDDs6rJewPY3"]),
    (HTML, '<textarea name="private_key">QjlsIZU7TkqkPr</textarea>', ["QjlsIZU7TkqkPr"]),
    ("application/xml", "<r><accessToken>kGaJESwLXSHdGx</accessToken><n>1</n></r>", ["kGaJESwLXSHdGx"]),
    ("application/xml", '<c><add key="ApiKey" value="cSwDYyAIXIJU" /></c>', ["cSwDYyAIXIJU"]),
    (JSON, json.dumps({"text": 'say "password": "quoted\\"inside77" now'}), ["inside77"]),
    (JSON, json.dumps({"openai": {"key": "averyplainkey"}}), ["averyplainkey"]),
    (JSON, json.dumps({"stripe": {"models": [{"a": {}}], "key": "afteranobject", "mode": "x"}}), ["afteranobject"]),
    (JSON, json.dumps({"openai_key": "k3yk3yk3", "githubToken": "letters"}), ["k3yk3yk3", "letters"]),
    (HTML, '<script>var c={openai:{model:"m",key:"kqwPwXzTnRbG"}};</script>', ["kqwPwXzTnRbG"]),
    (TEXT, "ANTHROPIC_KEY=qmzk7htwpl\n", ["qmzk7htwpl"]),
    (JSON, json.dumps({"nonces": {"chat": "fc6c7cf580", "upload": "0a1b2c3d4e"}}), ["fc6c7cf580", "0a1b2c3d4e"]),
    (JSON, json.dumps({"nonces": ["fc6c7cf580"]}), ["fc6c7cf580"]),
    (HTML, "<script>var w={nonces:{chat:'fc6c7cf580','x':\"0a1b2c3d4e\"}};</script>", ["fc6c7cf580", "0a1b2c3d4e"]),
    (HTML, "<i data-c='{&quot;restNonces&quot;:{&quot;a&quot;:&quot;fc6c7cf580&quot;}}'></i>", ["fc6c7cf580"]),
    (FORM, "a=1&nonces%5Bchat%5D=fc6c7cf580", ["fc6c7cf580"]),
    (JSON, json.dumps({"access_tokens": {"jane": "tok7aaaaaaaa1"}}), ["tok7aaaaaaaa1"]),
    (JS, 'var s={sessionKey:"q1w2e3r4t5y6",client_id:"kQwPzXtNrB"};', ["q1w2e3r4t5y6", "kQwPzXtNrB"]),
    (TEXT, 'id,user,password\n1,jane,swordfish\n2,joe,"open, sesame"\n', ["swordfish", "sesame"]),
    ("text/csv", "name;api_key;n\r\nx;plainlettersonly;3\r\n", ["plainlettersonly"]),
    (TEXT, "user\taccess_token\njane\tabcdefghij\n", ["abcdefghij"]),
    (TEXT, "Here:\n\n| user | password |\n|------|----------|\n| jane | swordfish |\n", ["swordfish"]),
    (JSON, json.dumps({"text": "user,client_secret\njane,swordfishes\n"}), ["swordfishes"]),
    (TEXT, "Share https://a.example/s/7f3Kq9Zx2LmN8pRtVw5Y please", ["7f3Kq9Zx2LmN8pRtVw5Y"]),
    (HTML, '<a href="/i/5c9b2d1e-7f00-4a3b-9c1d-00aa11bb22cc">join</a>', ["5c9b2d1e-7f00-4a3b-9c1d-00aa11bb22cc"]),
    (JSON, json.dumps({"u": "https://a.example/hooks/q1w2e3r4t5y6u7i8"}).replace("/", "\\/"), ["q1w2e3r4t5y6u7i8"]),
    (TEXT, f"key 1/1201234567890123:{'0a1b2c3d' * 4}.", ["0a1b2c3d"]),
    (JSON, json.dumps({"k": f"2/1201234567890123/1209876543210987:{'0a1b2c3d' * 4}"}), ["0a1b2c3d"]),
    (TEXT, f"FAL 5c9b2d1e-7f00-4a3b-9c1d-00aa11bb22cc:{'0a1b2c3d' * 4}", ["0a1b2c3d"]),
]
"""Whole texts, and what must be gone from each."""
