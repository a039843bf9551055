"""Texts in which nothing is secret: each has to come out byte for byte as it went in."""

import json

HTML, JSON, TEXT, JS, CSS = "text/html", "application/json", "text/plain", "text/javascript", "text/css"
EVENTS, FORM = "text/event-stream", "application/x-www-form-urlencoded"


def event(text: str) -> str:
    return 'data: {"choices":[{"index":0,"delta":{"content":' + json.dumps(text) + "}}]}\n\n"


HARMLESS: list[tuple[str, str]] = [
    (
        HTML,
        '<script>var E={file:1,password:function(a){return"password"===a.type},submit:2};run({client_id:q.getClientID()});</script>',
    ),
    (HTML, '<svg><path d="M1 1c6.72.79.79 0 0 1 .37.27 2 5.1 0 7.3-4.5 8.9-8.7 9.4.7.6 1.3"/></svg>Adobe 2.0.0.11'),
    (HTML, '<svg viewBox="0 0 24 24"><path d="M12.1.2.3.4 10.11.12.13z"/><polygon points="1.1.1.1 2,2"/></svg>'),
    (HTML, '<script>const token=localStorage.getItem("auth_token");if(!token)location="/login";</script>'),
    (HTML, "<script>fetch(`/api?token=${token}&key=${apiKey}`,{headers:{Authorization:`Bearer ${token}`}})</script>"),
    (HTML, '<a title="New password:" href="/reset">reset</a><b>Name</b>'),
    (
        HTML,
        '<label for="password">Password:</label><input type="password" name="password" id="password" placeholder="Your password" autocomplete="current-password">',
    ),
    (HTML, '<input type="submit" name="reset_password" value="Reset password">'),
    (
        HTML,
        '<link rel="stylesheet" href="/a.css?ver=6.1.9.2" integrity="sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC" crossorigin="anonymous">',
    ),
    (HTML, '<script src="/static/app.3f2a9c1b7d.js" nonce="r4nd0mNonceForPolicy"></script>'),
    (
        HTML,
        '<script>!function(e,t){"object"==typeof exports?module.exports=t():e.sessionId=t}(this,function(){return{token:null,secret:void 0}});</script>',
    ),
    (
        HTML,
        '<script>var o={password:"password",token:"token",email:"email"};o.password=e.password;o.token=r.token||"";</script>',
    ),
    (HTML, "<style>.a::before{content:'password:'}.token{color:#a1b2c3}@media (min-width:10px){a{b:c}}</style>"),
    (
        HTML,
        '<img src="data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==">',
    ),
    (HTML, '<img srcset="logo@2x.png 2x, logo@3x.png 3x" src="logo.png" alt="Logo">'),
    (HTML, "<p>Forgot your password? Enter your e-mail and we send a token: check your inbox.</p>"),
    (HTML, '<button onclick="setToken(getToken())" data-token-type="Bearer">Go</button>'),
    (HTML, '<meta name="generator" content="WordPress 6.4.3"><meta name="csrf-param" content="authenticity_token">'),
    (HTML, "<pre>git clone git@github.com:octo/repo.git\ngit remote add up ssh://git@gitlab.example/a/b.git</pre>"),
    (HTML, '<div class="sk-loading-indicator-animation sk-circle-bounce-delayed-long">…</div>'),
    (JS, 'export const api=(e,t)=>fetch(e,{method:"POST",credentials:"include",headers:{"X-CSRF-Token":t}});'),
    (JS, 'fetch(u,{method:"POST",mode:"cors",credentials:"same-origin"});new Request(u,{credentials:"same-origin"});'),
    (
        JS,
        'var o={storageKey:"persist:session",clientSecret:"client_secret_post",authToken:"auth.user",csrf:"csrf-token"};',
    ),
    (
        JS,
        'var n={xsrf:"XSRF-TOKEN",apikey:"X-API-Key",nonce:"_wpnonce",refreshToken:"app:refresh",sessionid:"connect.sid"};',
    ),
    (JS, 'var m={us:"(999) 999-9999",phone:"+7 (999) 999-99-99",intl:"+1 (999) 999-9999",plain:"999-999-9999"};'),
    (JS, "if (password === 'x' || confirm_password !== password) { errors.password = 'too short'; }"),
    (JS, "const { token, secret } = process.env; const key = process.env.API_KEY;"),
    (JS, "this.session=new Session(e),this.session_id=this.session.id,e.nonce=t.nonce;"),
    (JS, 'var re=/password:"([^"]+)"/g,m={"Password:":1,\'token=\':2};'),
    (JS, 'let t=`<input name="password" value="${e.value}">`;'),
    (CSS, "/* password: none */ a[href*='token=']{color:red} .x{background:url(a@2x.png)}"),
    (TEXT, "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"),
    (TEXT, "Allow 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and 2001:db8::/32"),
    (TEXT, "listens on 0.0.0.0:80 and 127.0.0.1:8080, mask 255.255.255.0"),
    (TEXT, "version 1.2.3.4, v10.0.19041.1, release 2.4.71.1 and Chrome 130.0.0.0"),
    (
        TEXT,
        "def login(user, password):\n    token = get_token(user, password)\n    return Session(token=token, secret=settings.SECRET)\n",
    ),
    (TEXT, 'api_key = os.environ["API_KEY"]\nclient = Client(api_key=api_key, password=None)\n'),
    (TEXT, "password: str\ntoken: Optional[str] = None\nsecret: bytes\n"),
    (TEXT, "password: string;\n  apiKey?: string | undefined;\n  token: Token;"),
    (TEXT, 'export API_KEY=${API_KEY}\ncurl -H "Authorization: Bearer $TOKEN" https://api.example.com/'),
    (TEXT, "API_KEY=<your-api-key>\nTOKEN=YOUR_TOKEN_HERE\nPASSWORD=********\nSECRET=xxxxxxxx"),
    (
        TEXT,
        "commit 3f786850e387550fdab836ed7e6dc881de23001b, sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ),
    (
        TEXT,
        "SHA256:uNiVztksCsDhcc0u9e8BrVp7dvRDm2PQr/9z6sN1l3M fingerprint 16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48",
    ),
    (TEXT, "std::string a::before Foo::bar 12:30:45 10:20:30:40 2026-11-27T04:05:06Z 00:1a:2b:3c:4d:5e"),
    (TEXT, "order 20261127-0001, part 4929-1187, 1,234,567.89 EUR, ISBN 978-3-16-148410-0, 3.14159265358979"),
    (TEXT, "phone +1 is the code of the US; call us +49 or 112; range +10000 -20000"),
    (TEXT, "id 4111111111111112 is not a card, DE00370400440532013000 is not an IBAN"),
    (TEXT, "npm i react@18.2.0 @types/node@20.1.0 left-pad@latest; pip install a==1.2.3.4"),
    (TEXT, "Password must have 8 characters. Your token: see below. Secret: none. The secret is out."),
    (TEXT, "max_tokens: 1500, prompt_tokens=12, token_type: bearer, next_page_token: none"),
    (
        TEXT,
        "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ2VydGlmaWNhdGVJc1B1YmxpY0RhdGEwCgYIKoZI\n-----END CERTIFICATE-----\n",
    ),
    (TEXT, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dsjyU2vlj"),
    (
        JSON,
        json.dumps(
            {"password": "Password", "forgot_password": "Forgot your password?", "token": "Token", "secret": None}
        ),
    ),
    (
        JSON,
        json.dumps(
            {
                "type": "object",
                "properties": {"password": {"type": "string"}, "apiKey": {"type": "string", "minLength": 8}},
            }
        ),
    ),
    (
        JSON,
        json.dumps(
            {"code": "rest_forbidden", "message": "Sorry", "data": {"status": 401}, "state": "open", "key": "value"}
        ),
    ),
    (
        JSON,
        json.dumps(
            {"logprobs": {"content": [{"token": "Hello", "logprob": -0.1}, {"token": " world123", "logprob": -1}]}}
        ),
    ),
    (
        JSON,
        json.dumps(
            {
                "id": "550e8400-e29b-41d4-a716-446655440000",
                "etag": '"33a64df551425fcc55e4d42a148795d9f25f89d4"',
                "sha": "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            }
        ),
    ),
    (
        JSON,
        json.dumps(
            {"usage": {"prompt_tokens": 12, "completion_tokens": 1500, "total_tokens": 1512}, "max_tokens": 4096}
        ),
    ),
    (
        JSON,
        json.dumps(
            {
                "error": "invalid_token",
                "error_description": "The token is expired",
                "token_type": "Bearer",
                "scope": "read",
            }
        ),
    ),
    (
        JSON,
        json.dumps(
            {
                "publicKey": "MIIBIjANBgkqh",
                "session": True,
                "auth": {"type": "none"},
                "cookies": [],
                "credentials": "include",
            }
        ),
    ),
    (
        JSON,
        json.dumps(
            {"created": 1732320000, "ms": 1732320000123, "ids": [100012345678901, 4111111111111112], "ver": "1.2.3.4"}
        ),
    ),
    (JSON, json.dumps({"schedule": "12:30:45", "range": "1::2", "css": "a::before{}", "cidr": "203.0.113.0/24"})),
    (EVENTS, event("The form says Password:") + event(" and then Name:") + "data: [DONE]\n\n"),
    (
        EVENTS,
        "".join(
            map(
                event,
                [
                    "```js\n",
                    "const token = localStorage",
                    ".getItem('token');\n",
                    "api({password: form.password.value});\n",
                    "```",
                ],
            )
        ),
    ),
    (
        EVENTS,
        "".join(
            map(
                event, ["```python\n", "import os\nkey = os.environ['API_KEY']\n", "login(password=getpass())\n", "```"]
            )
        ),
    ),
    (EVENTS, "".join(map(event, ["Use `${process.env.TOKEN}` or ", "`{{ secrets.API_KEY }}` and 10.0.0.0/8."]))),
    (EVENTS, 'event: done\ndata: {"finished":true,"conversation":"ended"}\n\n: keep-alive\n\nretry: 3000\n\n'),
    (EVENTS, "".join(map(event, ["Dial 1", "2", "3", " or 4", "5", "6; versions 1.", "2.", "3.", "4 differ."]))),
    (
        "application/xml",
        '<?xml version="1.0"?><rss><item><guid isPermaLink="false">3f786850e387550f</guid><password/></item></rss>',
    ),
    (
        "image/svg+xml",
        '<svg xmlns="http://www.w3.org/2000/svg"><path d="M1.1.1.1 4.5.6.7"/><text>token: none</text></svg>',
    ),
    (HTML, "<p>Say “password: …” and 'token: …'. Use <code>password=</code> in the <em>URL</em>.</p>"),
    (
        HTML,
        '<script type="application/ld+json">{"@context":"https://schema.org","@type":"WebSite","name":"A","potentialAction":{"target":"https://a.example/?s={q}"}}</script>',
    ),
    (
        HTML,
        '<script>window.__cfg={"recaptcha":{"sitekey":"6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI"},"locale":"en"};</script>',
    ),
]

HARMLESS += [
    (TEXT, "Passwort: erforderlich\nLinux 5.10.102.1-microsoft-standard-WSL2"),
    (TEXT, "DATABASE_URL=postgres://user:password@localhost/x"),
    (TEXT, 'mysql --password="$1" --execute "$2"'),
    (JSON, json.dumps({"password": "Passwort eingeben", "token": "Token: see mail"})),
    (JSON, json.dumps({"rules": {"password": "required|min:8", "token": "string|max:40"}})),
    (JSON, json.dumps({"ticket": "JIRA-1234", "content": "validate({password:e=>e.length>8})"})),
    (HTML, '<script type="application/json">{"token_type": "bearer", "expires_in": 3600}</script>'),
    (HTML, '<script>t({"login.password":"Password","login.password_hint":"At least 8 characters"})</script>'),
    (HTML, "<p>Use <code>token7or8key9</code> or <key>item7of9more</key>.</p>"),
    (TEXT, "Your token is expired. The password is case-sensitive: 8-20 characters. The secret is out."),
    (TEXT, "API key: https://a.example/keys/2 | token: 45.7 | access token: optional | password is 12-character"),
    (TEXT, "docker run -u 1000:1000 -p 8080:80 x --token-limit 4096 --password-file pw.txt --key name --token TOKEN"),
    (
        TEXT,
        "Art. 0815 4711, 01.02.2026, 05-06-2026, 0900-1700, 0.123 456, 415.555.2, 1999 2000 2001, ISBN 0-306-40615-2",
    ),
    (
        JSON,
        json.dumps({"text": "use auth=('user', password) and define('DB_PASSWORD', getenv('X'))", "price": "$2 $6 $1"}),
    ),
    (JS, 'var a={sessionKey:"currentUser",client_id:"web-app",clientId:"public_spa",csrf:"wp_rest"};'),
    (JS, 'var a={token:"userAccessToken",apiKey:"myApiKey",sessionId:"chat.session"};'),
    (JSON, json.dumps({"client_id": "web-app", "sessionKey": "currentUser"})),
    (JSON, json.dumps({"openai": {"model": "gpt-5-nano", "id": "default", "keys": 3}, "key": "openai"})),
    (JSON, json.dumps({"linear": {"key": "ease-in"}, "square": {"key": "corner"}, "segment": {"key": "value"}})),
    (JSON, json.dumps({"nonces": {"name": "chat", "type": "wp_rest", "count": 3}})),
    (JSON, json.dumps({"stop_tokens": ["<|im_end|>", "</s>"], "design_tokens": {"blue500": "#1a2b3c4d"}})),
    (JS, 'var d={openai:{key:"user-token"},nonces:{a:"wp_rest"},google:{maps:{zoom:"12345678"}}};'),
    (TEXT, "name,token,logprob\na,Hello,-0.25\nb, world,-1.5\n"),
    (TEXT, "id,password,size\n1,required,10\n2,Password,20\n"),
    (TEXT, "Password, token and key\nare words, not values, here\n"),
    (TEXT, "| field | password |\n|-------|----------|\n| type | string |\n"),
    (TEXT, "See https://a.example/s/player/3f2a9c1b/base.js and /t/how-to-install-python-3-12-on-linux-22/4"),
    (
        TEXT,
        "https://fonts.example/s/roboto/v30/KFOmCnqEu92Fr1Mu4mxK.woff2 /i/3f2a9c1b7d8e9f00aa.png /s/nonce/expired-403/",
    ),
    (TEXT, "size 12345:d41d8cd98f00b204e9800998ecf8427e, sha256:" + "0a1b2c3d" * 8),
    (
        JSON,
        json.dumps({"a": "eyJuYW1lIjoiSmFuZSIsImxhbmciOiJlbiIsIm4iOjEyfQ==", "b": "c29tZSB3b3JkcyBvZiB0ZXh0IGhlcmU="}),
    ),
    # How many there are, in JSON; what a list is called; a name in the namespace of another.
    (JSON, json.dumps({"keys": 12345678, "user_passwords": 12345678, "old_nonces": 12345678})),
    (FORM, "tokens[ab]=Ohio12&x=1"),
    (JSON, json.dumps({"a": "use Password::Hunter22 here, and Token::Hunter22x"})),
]
