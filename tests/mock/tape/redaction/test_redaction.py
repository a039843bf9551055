"""
No secret survives, in any carrier, cut anywhere; and what is left is still what the client can read.

The corpus names a secret by its field, or shows it by its looks; the carriers are the ways in which a site and its
visitors send text.  Every spelling that the carrier could have given it is looked for afterwards.
"""

import html
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.many_cases import check_each, for_each
from tests.support.recordings import recording, recording_id, recording_paths

from chatgptfree_mock.config.redaction import redaction_rules
from chatgptfree_mock.errors import CassetteError
from chatgptfree_mock.tape.content_coding import encode_body
from chatgptfree_mock.tape.matching import collect, find
from chatgptfree_mock.tape.model import Cassette, Headers, Interaction, Request, Response
from chatgptfree_mock.tape.placeholders import Placeholders
from chatgptfree_mock.tape.redaction import Redactor, Rules, find_secrets, redact

NAMED = [
    ("_wpnonce", "fc6c7cf580"),
    ("_ajax_nonce", "0a1b2c3d4e"),
    ("nonce", "deadbeefaa"),
    ("search_nonce", "99aa88bb77"),
    ("X-WP-Nonce", "12ab34cd56"),
    ("csrf-token", "Zm9vYmFyMTIzNDU2"),
    ("security", "aa00bb11cc"),
    ("session_id", "5c9b2d1e-7f00-4a3b-9c1d-00aa11bb22cc"),
    ("sessionId", "sess_8f7e6d5c4b3a2910"),
    ("conversation_uuid", "d2343a17-76ad-4c2e-8a5d-1f2e3d4c5b6a"),
    ("wpaicg_chat_client_id", "kq81mzx0w2"),
    ("client_id", "a81bc81b-dead-4e5d-abff-90865d1e13b1"),
    ("cache_key", "aipkit_sse_AbCdEf0123456789AbCdEf0123456789"),
    ("previous_openai_response_id", "resp_68af00c0ffee1234567890abcdef"),
    ("thread_id", "thread_9XyZ8wVu7TsR6qPo"),
    ("PHPSESSID", "q1w2e3r4t5y6u7i8o9p0"),
    ("userIp", "203.0.113.77"),
    ("user_ip", "2001:db8:85a3::8a2e:370:7334"),
    ("remote_addr", "198.51.100.23"),
    ("ip_address", "8.8.4.4"),
    ("visitorIp", "e3b0c44298fc1c149afbf4c8996fb924"),
    ("cf_clearance", "Rk9.PqA_xyz-1732320000-1.2.1.1-abc"),
    ("__cf_bm", "a9.Bc8Dd7Ee6-1732320001-1.0.1.1"),
    ("cf_chl_rc_m", "c0ffee00"),
    ("cf-turnstile-response", "0.AbCdEfGh12345678"),
    ("g-recaptcha-response", "03AGdBq25abcdefgh"),
    ("h-captcha-response", "P1_eyJ0eXAiOiJKV1Qi9"),
    ("api_key", "live1234567890abcdef"),
    ("apiKey", "7d9f1b3a5c7e9d1f"),
    ("x-api-key", "k3y-0011223344556677"),
    ("access_token", "at.9988776655.zyxw"),
    ("refresh_token", "1//0gAbCdEf12345"),
    ("token", "t0k3n-4-the-win-77"),
    ("client_secret", "GOCSPX-1a2b3c4d5e6f"),
    ("password", "hunter2"),
    ("user_pass", "correct4horse"),
    ("pwd", "s3same"),
    ("jwt", "abc12345.def67890.ghi13579"),
    ("secret", "5ecr3tV4lue99"),
    ("private_key", "pk0123456789abcdef"),
]
SHOWN = [
    "jane.doe@example.com",
    "j+tag@mail.example.org",
    "UPPER.CASE@EXAMPLE.CO.UK",
    "a_b-c@sub.dept.example.info",
    "x9@xn--bcher-kva.example",
    "203.0.113.9",
    "10.11.12.13",
    "192.168.178.21",
    "172.16.254.1",
    "100.64.0.7",
    "1.1.1.1",
    "2001:db8::ff00:42:8329",
    "fe80::1ff:fe23:4567:890a",
    "2a02:8109:9cc0:1::5",
    "::ffff:203.0.113.5",
    "sk-proj-AbCdEfGhIjKlMnOpQrStUv0123456789",
    "sk-1234567890abcdefABCDEF1234567890",
    "sk-ant-api03-aaaaBBBBccccDDDDeeee1111",
    "sk_live_51AbCdEfGhIjKlMnOpQr",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "ghp_0123456789abcdefABCDEF0123456789abcd",
    "github_pat_11ABCDEFG0abcdefghijkl_mnopqrstuv",
    "glpat-AbCdEfGh1234567890",
    "xoxb-123456789012-abcdefABCDEF",
    "AKIAIOSFODNN7EXAMPLE",
    "hf_AbCdEfGhIjKlMnOpQrStUvWxYz0123",
    "gsk_AbCdEfGhIjKlMnOpQrStUvWxYz012345",
    "ya29.a0AfH6SMBx1234567890abcdefg",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
    "resp_0123456789abcdef01234567",
    "aipkit_sse_ZyXwVu9876543210ZyXwVu9876543210",
]

Carried = tuple[str, bytes]


def form(name: str, value: str) -> Carried:
    return "application/x-www-form-urlencoded", f"a=1&{name}={quote_plus(value)}&message=Hello%0A".encode()


def form_with_json(name: str, value: str) -> Carried:
    inner = json.dumps([{"text": "x\n" + value, name: value}])
    return "application/x-www-form-urlencoded", f"history={quote_plus(inner)}&z=1".encode()


def multipart(name: str, value: str) -> Carried:
    part = f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
    return "multipart/form-data; boundary=b", (part + part.replace(name, "other-field") * 0 + "--b--\r\n").encode()


def json_body(name: str, value: str) -> Carried:
    return "application/json", json.dumps({"before": "é\n", name: value, "after": ["ü"]}).encode()


def json_in_json(name: str, value: str) -> Carried:
    return "application/json", json.dumps({"msg": json.dumps({name: value, "n": "\n" + value})}).encode()


def attribute(name: str, value: str) -> Carried:
    return "text/html", f'<div class="x"\n data-{name} = "{html.escape(value)}"\n data-z="1">Hi</div>'.encode()


def attribute_json(name: str, value: str) -> Carried:
    inner = html.escape(json.dumps({"botId": 5, name: value, "ajaxUrl": "http:\\/\\/a\\/"}))
    return "text/html", f"<div class='y' data-config='{inner}'></div>".encode()


def script(name: str, value: str) -> Carried:
    return "text/html", f'<script>var p = {{"a": 1, "{name}" : "{value}"}};</script>'.encode()


def hidden_input(name: str, value: str) -> Carried:
    return "text/html", f'<p><input type="hidden" value="{html.escape(value)}" id="i" name="{name}" /></p>'.encode()


def event_stream(name: str, value: str) -> Carried:
    events = [{"choices": [{"delta": {"content": "Hé"}}]}, {name: value}, {"choices": [{"finish_reason": "stop"}]}]
    lines = "".join(f"data: {json.dumps(event, ensure_ascii=False)}\n\n" for event in events)
    return "text/event-stream;charset=UTF-8", (lines + "data: [DONE]\n\n").encode()


CARRIERS: list[Callable[[str, str], Carried]] = [
    form,
    form_with_json,
    multipart,
    json_body,
    json_in_json,
    attribute,
    attribute_json,
    script,
    hidden_input,
    event_stream,
]
CORPUS = NAMED + [("message", value) for value in SHOWN]


def interaction_of(
    body: bytes, kind: str = "", *, chunks: tuple[tuple[int, int], ...] = (), request_body: bytes = b""
) -> Interaction:
    headers: Headers = (("Content-Type", kind), ("Content-Length", str(len(body))))
    return Interaction(
        request=Request(
            method="POST",
            uri="https://chatgptfree.ai/wp-admin/admin-ajax.php",
            headers=(("Content-Type", kind), ("Content-Length", str(len(request_body)))),
            body=request_body,
        ),
        response=Response(headers=headers, body=body, chunks=chunks),
    )


def spellings(value: str) -> set[bytes]:
    plain = {
        value,
        quote(value, safe=""),
        quote_plus(value),
        html.escape(value),
        value.replace("/", "\\/"),
        value.lower(),
    }
    return {spelling.encode() for spelling in plain}


def check_gone(value: str, interaction: Interaction) -> None:
    for data in (interaction.request.body or b"", interaction.response.body):
        assert not [spelling for spelling in spellings(value) if spelling in data], data


def readable(kind: str, body: bytes) -> object:
    """Read a body as its receiver would; the shape of what comes out is what must stay."""
    text = body.decode()
    if kind == "application/json":
        outer = json.loads(text)
        return [*outer, *(json.loads(outer["msg"]) if "msg" in outer else ())]
    if kind.startswith("text/event-stream"):
        data = [line.removeprefix("data: ") for line in text.split("\n\n") if line]
        return [list(json.loads(line)) if line != "[DONE]" else line for line in data]
    if kind.endswith("urlencoded"):
        fields = parse_qs(text, strict_parsing=True)
        return [*fields, *(json.loads(fields["history"][0])[0] if "history" in fields else ())]
    config = re.search(r"data-config='([^']*)'", text)
    return list(json.loads(html.unescape(config[1]))) if config else re.sub(r"[\w.:@/|%+-]+", "w", text)


def test_the_corpus_is_large_enough() -> None:
    assert len({value for _, value in CORPUS}) >= 60


@for_each(("name", "value"), CORPUS)
def test_no_secret_survives(name: str, value: str) -> None:
    check_each(partial(check_redacted, name, value), CARRIERS, label=lambda carrier: carrier.__name__)


def check_redacted(name: str, value: str, carrier: Callable[[str, str], Carried]) -> None:
    kind, body = carrier(name, value)
    bytewise = tuple((number, 1) for number in range(len(body)))
    redactor = Redactor()
    clean = redactor.redact(interaction_of(body, kind, chunks=bytewise, request_body=body))
    check_gone(value, clean)
    assert readable(kind, clean.response.body) == readable(kind, body)
    assert clean.response.header("content-length") == str(len(clean.response.body))
    assert sum(size for _, size in clean.response.chunks) == len(clean.response.body)
    assert redactor.report()
    assert find_secrets(clean) == []
    assert Redactor().redact(clean) == clean


@for_each(("name", "value"), CORPUS)
def test_a_chunk_border_anywhere_changes_nothing(name: str, value: str) -> None:
    kind, body = event_stream(name, value)
    whole = Redactor().redact(interaction_of(body, kind)).response.body
    start = body.index(value.encode())
    end = start + len(value)
    for cut in (1, *range(start - 3, end + 4), len(body) - 1):
        response = Redactor().redact(interaction_of(body, kind, chunks=((5, cut), (9, len(body) - cut)))).response
        assert response.body == whole
        if cut <= start:
            assert response.chunks == ((5, cut), (9, len(whole) - cut))
        elif cut >= end:
            assert response.chunks == ((5, len(whole) - (len(body) - cut)), (9, len(body) - cut))
        else:
            assert sum(size for _, size in response.chunks) == len(whole)
            assert [due for due, _ in response.chunks] == [5, 9]


def test_what_the_visitor_reads_across_events_is_found() -> None:
    pieces = ["Write to ja", "ne", "@", "doe", ".org", " or call sk-", "abcdefgh12345678", "abcdefgh", "."]
    body = "".join('data: {"choices":[{"delta":{"content":"' + piece + '"}}]}\n\n' for piece in pieces).encode()
    clean = redact(Cassette(interactions=(interaction_of(body),))).interactions[0].response.body.decode()
    text = "".join(json.loads(line[6:])["choices"][0]["delta"]["content"] for line in clean.split("\n\n") if line)
    assert text == "Write to visitor-1@redacted.invalid or call sk-000000000000000000000001."


def test_all_cookies_go_and_their_attributes_stay() -> None:
    interaction = Interaction(
        request=Request(
            method="GET",
            uri="https://user:pa55@chatgptfree.ai/?__cf_chl_tk=tok3n-999",
            headers=(
                ("cookie", "wordpress_logged_in_1=jane%7C99; theme=dark;flag"),
                ("AUTHORIZATION", "Bearer abc.def"),
                ("Proxy-Authorization", "Basic dXNlcjpwYXNz"),
                ("X-Forwarded-For", "203.0.113.4, 203.0.113.5"),
                ("CF-Connecting-IP", "2001:db8::99"),
                ("User-Agent", "Mozilla/5.0 Chrome/130.0.0.0 Safari/537.36"),
            ),
        ),
        response=Response(
            headers=(
                (
                    "SET-COOKIE",
                    "cf_clearance=abcdefgh12345678; Path=/; Expires=Wed, 11 Jan 1984 05:00:00 GMT",
                ),
                ("set-cookie", 'a="short"; Secure'),
                ("Location", "https://chatgptfree.ai/?token=zzz1234567"),
            ),
            body=b"document.cookie = 'cf_clearance=abcdefgh12345678'",
        ),
    )
    clean = Redactor().redact(interaction)
    assert clean.request.uri == "https://00000001:00000002@chatgptfree.ai/?__cf_chl_tk=000000001"
    assert dict(clean.request.headers) == {
        "cookie": "wordpress_logged_in_1=000000002; theme=00000003;00000004",
        "AUTHORIZATION": "Bearer 00000005",
        "Proxy-Authorization": "Basic 000000000006",
        "X-Forwarded-For": "198.18.0.1, 198.18.0.2",
        "CF-Connecting-IP": "100::3",
        "User-Agent": "Mozilla/5.0 Chrome/130.0.0.0 Safari/537.36",
    }
    assert dict(clean.response.headers) == {
        "SET-COOKIE": "cf_clearance=0000000000000002; Path=/; Expires=Wed, 11 Jan 1984 05:00:00 GMT",
        "set-cookie": 'a="00000006"; Secure',
        "Location": "https://chatgptfree.ai/?token=0000000001",
    }
    assert clean.response.body == b"document.cookie = 'cf_clearance=0000000000000002'"


def test_the_exchange_still_fits_together() -> None:
    page = interaction_of(
        b"<div data-nonce='fc6c7cf580' data-user-ip='203.0.113.8'></div><a href='?n=fc6c7cf580'>", "text/html"
    )
    post = interaction_of(b"ok", request_body=b"_wpnonce=fc6c7cf580&session_id=5c9b2d1e-7f00-4a3b-9c1d-00aa11bb22cc")
    clean = redact(Cassette(interactions=(page, post)))
    assert clean.interactions[0].response.body == (
        b"<div data-nonce='0000000001' data-user-ip='198.18.0.1'></div><a href='?n=0000000001'>"
    )
    assert clean.interactions[1].request.body == (
        b"_wpnonce=0000000001&session_id=00000000-0000-4000-8000-000000000001"
    )
    assert clean.recording["redacted"] == [
        "addresses: 1 value in 1 place",
        "nonces: 1 value in 3 places",
        "sessions: 1 value in 1 place",
    ]


@given(
    value=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=8), signs=st.text("=+/ %", min_size=1)
)
def test_a_cookie_that_comes_back_decoded_has_one_placeholder(value: str, signs: str) -> None:
    secret = f"{value}7{signs}"
    placeholders = Placeholders()
    assert placeholders.of("cookies", quote(secret, safe="")) == placeholders.of("sessions", secret)
    assert placeholders.of("cookies", secret) != placeholders.of("cookies", f"{secret}x")


def test_appending_to_a_file_never_reuses_a_placeholder() -> None:
    first = redact(
        Cassette(
            interactions=(interaction_of(b'{"nonce":"fc6c7cf580","mail":"a@b.org","from":["8.8.8.8","2a02::8"]}'),)
        )
    )
    later = Redactor(earlier=first.interactions).redact(
        interaction_of(b'{"nonce":"aaaaaaaaaa","mail":"c@d.org","from":["9.9.9.9","2a02::9"]}')
    )
    assert later.response.body == (
        b'{"nonce":"0000000003","mail":"visitor-3@redacted.invalid","from":["198.18.0.3","100::4"]}'
    )


def test_the_encoded_copy_is_dropped_when_the_body_changed() -> None:
    interaction = interaction_of(b'{"nonce":"fc6c7cf580"}')
    held = Response(body=interaction.response.body, raw=b"zip", raw_chunks=((0, 3),))
    clean = Redactor().redact(Interaction(request=interaction.request, response=held))
    assert (clean.response.raw, clean.response.raw_chunks) == (None, ())


@pytest.mark.parametrize(
    ("rule", "body"),
    [
        ("nonces", b'{"nonce":"fc6c7cf580"}'),
        ("sessions", b'{"session_id":"5c9b2d1e-7f00-4a3b-9c1d-00aa11bb22cc"}'),
        ("emails", b"mail jane@example.org"),
        ("addresses", b"from 203.0.113.4"),
        ("keys", b"use sk-1234567890abcdefABCDEF1234567890"),
        ("challenge", b"cf_clearance=abcdefgh12345678"),
    ],
)
def test_a_rule_can_be_turned_off(rule: str, body: bytes) -> None:
    kept = redact(Cassette(interactions=(interaction_of(body),)), Rules.make(keep=[rule]))
    assert kept.interactions[0].response.body == body
    assert kept.recording["kept"] == [rule]
    assert redact(Cassette(interactions=(interaction_of(body),))).interactions[0].response.body != body


def test_a_project_names_its_own_secrets() -> None:
    table = {"names": ["x-tenant"], "words": ["Jane Müller"], "patterns": [r"ACME-(\d{6})"]}
    body = '{"xTenant":"blue42","who":"Jane Müller","ref":"ACME-123456"}'.encode()
    form = b"xTenant=blue42&who=Jane+M%C3%BCller&ref=ACME-123456"
    clean = Redactor(Rules.make(table)).redact(interaction_of(body, request_body=form))
    assert clean.response.body == b'{"xTenant":"00000001","who":"00000000002","ref":"ACME-1000000003"}'
    assert clean.request.body == b"xTenant=00000001&who=00000000002&ref=ACME-1000000003"


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        (
            {"keeps": []},
            "a.toml: unknown key `keeps` - at `$.tool.chatgptfree_mock.redact` (",
        ),
        ({"keep": ["nonce"]}, "a.toml: no such redaction rule: `nonce`; did you mean `nonces`?"),
        ({"patterns": ["("]}, "a.toml: the pattern '(' is broken"),
    ],
)
def test_a_wrong_rule_is_named(table: dict[str, object], complaint: str) -> None:
    with pytest.raises(CassetteError) as caught:
        Rules.make(table, file="a.toml")
    assert str(caught.value).startswith(complaint)


@for_each(
    "text",
    [
        "Mozilla/5.0 (X11) Chrome/130.0.0.0 Safari/537.36",
        'sec-ch-ua-full-version: "130.0.6723.91"; v="130.0.0.0"',
        "style.css?ver=6.1.9.2",
        "http://127.0.0.1:8080/ and http://[::1]/",
        "var nonce = config.nonce; token=getToken(); password: form.password",
        '"logprobs":{"token":"Hello"}',
        "logo@2x.png std::string a::before 12:30:45",
        '"nonce":"0000000001","mail":"visitor-3@redacted.invalid","ip":"198.18.0.4"',
        "_wpnonce=REDACTED&api_key=[REDACTED]",
        "max_tokens: 1500, usage: {prompt_tokens: 12}",
    ],
)
def test_what_is_not_a_secret_stays(text: str) -> None:
    assert find_secrets(interaction_of(f"<script>{text}</script>".encode())) == []


def test_the_recordings_contain_only_secrets_of_the_rules_in_kept() -> None:
    for path in recording_paths():
        cassette = recording(path)
        rules = Rules.make(keep=cassette.recording["kept"])
        for interaction in cassette.interactions:
            assert find_secrets(interaction, rules) == [], recording_id(path)


def test_a_projects_rules_are_read_from_the_nearest_pyproject(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[tool.chatgptfree_mock.redact]\nkeep = ["emails"]\nwords = ["Jane"]\n')
    (tmp_path / "tests" / "cassettes").mkdir(parents=True)
    rules = redaction_rules(tmp_path / "tests" / "cassettes", keep=["nonces"])
    assert rules == Rules(keep=frozenset({"emails", "nonces"}), words=("Jane",))
    (tmp_path / "tests" / "pyproject.toml").write_text("[tool")
    with pytest.raises(CassetteError, match="not TOML"):
        redaction_rules(tmp_path / "tests")


def test_redacting_again_replaces_only_what_is_new() -> None:
    once = redact(Cassette(interactions=(interaction_of(b'{"nonce":"fc6c7cf580"}'),)))
    edited = interaction_of(once.interactions[0].response.body + b" aaaaaaaaaa jane@example.org from 9.9.9.9")
    again = redact(Cassette(interactions=(edited,), recording=once.recording))
    assert again.interactions[0].response.body == (
        b'{"nonce":"0000000001"} aaaaaaaaaa visitor-2@redacted.invalid from 198.18.0.2'
    )
    assert again.recording["redacted"] == [
        "nonces: 1 value in 1 place",
        "addresses: 1 value in 1 place",
        "emails: 1 value in 1 place",
    ]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, br"])
def test_a_compressed_request_is_searched_and_its_replay_finds_it(coding: str) -> None:
    secret, text = "hunter2-Kq81mzx0w2", '{"password": "hunter2-Kq81mzx0w2", "q": "Grüße"}'
    body = encode_body(text.encode(), coding.split(", "))
    headers = (("Content-Type", "application/json"), ("content-encoding", coding), ("Content-Length", str(len(body))))
    request = Request(method="POST", uri="https://x.example/login", headers=headers, body=body)
    exchange = Interaction(request=request, response=Response(body=f"echo {secret}".encode()))
    assert [found.part for found in find_secrets(exchange)] == ["request.body"]

    kept = redact(Cassette(interactions=(exchange,)))
    stored = kept.interactions[0].request
    assert stored.body is not None
    assert secret not in stored.body.decode()
    assert json.loads(stored.body)["q"] == "Grüße"
    assert stored.headers == (headers[0], ("Content-Length", str(len(stored.body))))
    assert secret.encode() not in kept.interactions[0].response.body
    assert find(request, collect([kept])) == 0


def test_a_file_that_is_an_archive_is_not_unpacked() -> None:
    body = encode_body(b'{"password": "hunter2-Kq81mzx0w2"}', ["gzip"])
    request = Request(
        method="PUT", uri="https://x.example/f.gz", headers=(("Content-Type", "application/gzip"),), body=body
    )
    cassette = Cassette(interactions=(Interaction(request=request, response=Response()),))
    assert redact(cassette).interactions == cassette.interactions


@pytest.mark.parametrize("password", ["my pass+word/=% 3", "1 password for all", "is it 2?"])
def test_a_password_that_reads_like_a_label_is_one_where_somebody_sends_it(password: str) -> None:
    form = ("Content-Type", "application/x-www-form-urlencoded")
    parts = ("Content-Type", "multipart/form-data; boundary=b")
    body = f'--b\r\nContent-Disposition: form-data; name="password"\r\n\r\n{password}\r\n--b--\r\n'
    for header, sent in ((form, f"user=ada&password={quote_plus(password)}"), (parts, body)):
        request = Request(method="POST", uri="https://x.example/login", headers=(header,), body=sent.encode())
        (found,) = find_secrets(Interaction(request=request, response=Response()))
        assert found.part == "request.body"
